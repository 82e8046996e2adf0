// Multi-task learning of a pair: NER and DEP share the encoder.
local experiment = import '../../lib/experiment.libsonnet';

experiment { tasks: ['ner', 'dep'] }
