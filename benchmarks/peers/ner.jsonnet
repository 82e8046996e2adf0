// NER: allennlp-models' `crf_tagger`, on the data's own BIO tags.
local peer = import 'peer.libsonnet';

peer {
  selection:: '+f1-measure-overall',
  dataset_reader: {
    type: 'conll2003',
    tag_label: 'ner',
    token_indexers: peer.token_indexers,
  },
  model: {
    type: 'crf_tagger',
    label_encoding: 'BIO',
    dropout: 0.5,
    text_field_embedder: peer.text_field_embedder,
    encoder: peer.pass_through,
  },
}
