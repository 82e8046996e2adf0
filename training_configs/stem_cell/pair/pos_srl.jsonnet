// Multi-task learning of a pair: POS and SRL share the encoder.
local experiment = import '../../lib/experiment.libsonnet';

experiment { tasks: ['pos', 'srl'] }
