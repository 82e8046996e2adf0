// The tasks, by key: the layer of the corpus that they learn, their head, and, where they need it,
// what they ask of the reader and in how many parts an update is computed. With `pieces` the encoder
// reads raw text, single or in pairs, instead of words, and with `windows` questions with windows on
// their passages.
local classified(key, options={}) = {
  layer: key,
  pieces: true,
  head: { type: 'text_classifier', label_namespace: key + '_labels' } + options,
};

// A tag for each word; where tags spell spans, those of BIO.
local tagged(key, options={}) = {
  layer: key,
  head: { type: 'tagger', label_namespace: key + '_labels' } + options,
};
local spelt(key) = tagged(key, { label_encoding: 'BIO' }) { reading: { coding: 'BIO' } };

{
  pos: tagged('pos'),

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

  // What trees say of words: the label of the phrase above each, those of the next two above that,
  // and chunks.
  parent: tagged('parent'),
  gparent: tagged('gparent'),
  ggparent: tagged('ggparent'),
  chunk: spelt('chunk'),

  // Names in messages, of other types than those of `ner`.
  wnut17: spelt('wnut17'),

  // GLUE, with the metric that stands for each task there.
  cola: classified('cola', { main_metric: 'matthews', positive_label: '1' }),
  sst2: classified('sst2'),
  mrpc: classified('mrpc', { main_metric: 'f1', positive_label: '1' }),
  qqp: classified('qqp', { main_metric: 'f1', positive_label: '1' }),
  stsb: { layer: 'stsb', pieces: true, head: { type: 'text_regressor', main_metric: 'spearman' } },
  mnli: classified('mnli'),
  qnli: classified('qnli'),
  rte: classified('rte'),
  wnli: classified('wnli'),

  // Topic of a news item, whether two items have one topic, whether a text follows from another, and
  // whether a film was liked.
  ag: classified('ag'),
  ag_pair: classified('ag_pair'),
  scitail: classified('scitail'),
  imdb: classified('imdb'),

  // The part of a passage that answers a question, and the same where some questions have no answer:
  // 0 is where the best answer and none weigh the same.
  squad: { layer: 'squad', windows: true, head: { type: 'span_qa' } },
  squad_v2: { layer: 'squad_v2', windows: true, head: { type: 'span_qa', null_threshold: 0.0 } },
}
