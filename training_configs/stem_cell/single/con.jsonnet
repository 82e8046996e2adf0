// Single-task learning: CON.
local experiment = import '../../lib/experiment.libsonnet';

experiment { tasks: ['con'] }
