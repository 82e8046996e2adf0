// Multi-task learning of a pair: NER and SRL share the encoder.
local experiment = import '../../lib/experiment.libsonnet';

experiment { tasks: ['ner', 'srl'] }
