// Multi-task learning of a pair: POS and DEP share the encoder.
local experiment = import '../../lib/experiment.libsonnet';

experiment { tasks: ['pos', 'dep'] }
