// Single-task learning: DEP.
local experiment = import '../../lib/experiment.libsonnet';

experiment { tasks: ['dep'] }
