// Multi-task learning of a pair: NER and CON share the encoder.
local experiment = import '../../lib/experiment.libsonnet';

// Both look at all spans of a sentence, so that an update is computed in two parts.
experiment { tasks: ['ner', 'con'], training+: { accumulation: 2 } }
