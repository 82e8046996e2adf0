// AllenNLP's own `simple_tagger` with gated heads, by configuration alone: the token embedder has
// the gates, and a regularizer has their penalty.
local encoder = (import '../lib/encoders.libsonnet').default;

{
  random_seed: 13,
  numpy_seed: 13,
  pytorch_seed: 13,
  dataset_reader: {
    type: 'conllu',
    view: 'upos',
    token_indexers: {
      tokens: { type: 'transformer_words', transformer_model: encoder.name },
    },
  },
  train_data_path: '${HEADS_DATA}/ewt/train.conllu',
  validation_data_path: '${HEADS_DATA}/ewt/dev.conllu',
  datasets_for_vocab_creation: ['train'],
  model: {
    type: 'simple_tagger',
    label_namespace: 'upos_labels',
    text_field_embedder: {
      token_embedders: {
        tokens: {
          type: 'gated_transformer',
          transformer_model: encoder.name,
          gates: { type: 'hard_concrete' },
        },
      },
    },
    encoder: { type: 'pass_through', input_dim: encoder.dim },
    regularizer: {
      regexes: [['log_alpha', { type: 'hard_concrete_l0', coefficient: 0.01 }]],
    },
  },
  data_loader: { batch_size: 32, shuffle: true },
  validation_data_loader: { batch_size: 32, shuffle: false },
  trainer: {
    num_epochs: 10,
    validation_metric: '+accuracy',
    grad_norm: 1.0,
    optimizer: {
      type: 'adamw',
      lr: 1e-3,
      weight_decay: 0.0,
      parameter_groups: [
        [['\\.transformer\\.'], { lr: 5e-5 }],
        // The study's rate is 1e-3, which needs some 5,000 updates to close a head.
        [['log_alpha'], { lr: 0.05 }],
      ],
    },
    checkpointer: { type: 'atomic' },
    callbacks: ['gate_report', 'exact_resume'],
  },
  include_in_archive: ['encoder'],
}
