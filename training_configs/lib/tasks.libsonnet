// The tasks, by key: the layer of the corpus that they learn, their head, and, where they need it,
// what they ask of the reader and in how many parts an update is computed.
{
  pos: {
    layer: 'pos',
    head: { type: 'tagger', label_namespace: 'pos_labels' },
  },

  ner: {
    layer: 'ner',
    reading: { coding: 'spans' },
    head: { type: 'span_ner', label_namespace: 'ner_labels' },
  },

  // Names as tags of the words, none of which may break the rules of the code.
  ner_bio: {
    layer: 'ner',
    reading: { coding: 'BIOES' },
    head: { type: 'tagger', label_namespace: 'ner_bio_labels', label_encoding: 'BIOES' },
  },

  dep: {
    layer: 'dep',
    head: { type: 'dependency', label_namespace: 'dep_labels' },
  },

  con: {
    layer: 'con',
    head: { type: 'constituency', label_namespace: 'con_labels' },
  },

  srl: {
    layer: 'srl',
    head: { type: 'srl', label_namespace: 'srl_labels' },
    // Pairs of spans and predicates take memory.
    accumulation: 4,
  },
}
