// Multi-task learning of a pair: DEP and SRL share the encoder.
local experiment = import '../../lib/experiment.libsonnet';

experiment { tasks: ['dep', 'srl'] }
