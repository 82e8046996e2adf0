// DEP: allennlp-models' `biaffine_parser` with the sizes of its own configuration, without the
// gold tags that it can have as input.
local peer = import 'peer.libsonnet';

peer {
  selection:: '+LAS',
  sorting_key:: 'words',
  dataset_reader: {
    type: 'universal_dependencies',
    token_indexers: peer.token_indexers,
  },
  model: {
    type: 'biaffine_parser',
    text_field_embedder: peer.text_field_embedder,
    encoder: peer.pass_through,
    arc_representation_dim: 500,
    tag_representation_dim: 100,
    dropout: 0.3,
    input_dropout: 0.3,
    initializer: {
      regexes: [
        ['.*projection.*weight', { type: 'xavier_uniform' }],
        ['.*projection.*bias', { type: 'zero' }],
        ['.*tag_bilinear.*weight', { type: 'xavier_uniform' }],
        ['.*tag_bilinear.*bias', { type: 'zero' }],
      ],
    },
  },
}
