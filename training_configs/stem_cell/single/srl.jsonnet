// Single-task learning: SRL.
local experiment = import '../../lib/experiment.libsonnet';

experiment { tasks: ['srl'] }
