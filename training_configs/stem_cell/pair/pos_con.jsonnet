// Multi-task learning of a pair: POS and CON share the encoder.
local experiment = import '../../lib/experiment.libsonnet';

experiment { tasks: ['pos', 'con'] }
