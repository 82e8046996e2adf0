// CON: allennlp-models' `constituency_parser`, which labels every span and nests them greedily.
// Without EVALB, which has to be compiled first; the runner scores the trees.
local peer = import 'peer.libsonnet';

peer {
  selection:: '+tag_accuracy',
  dataset_reader: {
    type: 'ptb_trees',
    use_pos_tags: true,
    convert_parentheses: true,
    token_indexers: peer.token_indexers,
  },
  model: {
    type: 'constituency_parser',
    text_field_embedder: peer.text_field_embedder,
    encoder: peer.pass_through,
    span_extractor: { type: 'bidirectional_endpoint', input_dim: peer.dim },
    feedforward: {
      input_dim: peer.dim,
      num_layers: 1,
      hidden_dims: 250,
      activations: 'relu',
      dropout: 0.1,
    },
    evalb_directory_path: null,
  },
}
