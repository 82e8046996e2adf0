// Single-task learning: POS.
local experiment = import '../../lib/experiment.libsonnet';

experiment { tasks: ['pos'] }
