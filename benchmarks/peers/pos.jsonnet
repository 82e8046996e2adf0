// POS: AllenNLP's `simple_tagger`, a linear layer on the encoder.
local peer = import 'peer.libsonnet';

peer {
  selection:: '+accuracy',
  dataset_reader: {
    type: 'sequence_tagging',
    word_tag_delimiter: '###',
    token_delimiter: '\t',
    token_indexers: peer.token_indexers,
  },
  model: {
    type: 'simple_tagger',
    text_field_embedder: peer.text_field_embedder,
    encoder: peer.pass_through,
  },
}
