// Single-task learning: NER.
local experiment = import '../../lib/experiment.libsonnet';

experiment { tasks: ['ner'] }
