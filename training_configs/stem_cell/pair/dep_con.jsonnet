// Multi-task learning of a pair: DEP and CON share the encoder.
local experiment = import '../../lib/experiment.libsonnet';

experiment { tasks: ['dep', 'con'] }
