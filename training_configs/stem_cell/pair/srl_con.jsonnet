// Multi-task learning of a pair: SRL and CON share the encoder.
local experiment = import '../../lib/experiment.libsonnet';

experiment { tasks: ['srl', 'con'] }
