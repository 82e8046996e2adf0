// Multi-task learning of a pair: POS and NER share the encoder.
local experiment = import '../../lib/experiment.libsonnet';

experiment { tasks: ['pos', 'ner'] }
