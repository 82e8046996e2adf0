// Multi-task learning of all five tasks, which share the encoder (MTL-5).
local experiment = import '../../lib/experiment.libsonnet';

experiment { tasks: ['pos', 'ner', 'srl', 'dep', 'con'] }
