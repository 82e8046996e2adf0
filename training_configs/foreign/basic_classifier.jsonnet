// AllenNLP's own `basic_classifier` and `text_classification_json` with gated heads, by
// configuration alone. The paths are AllenNLP's to resolve: run it from the repository's root.
local encoder = (import '../lib/encoders.libsonnet').default;

{
  random_seed: 13,
  numpy_seed: 13,
  pytorch_seed: 13,
  dataset_reader: {
    type: 'text_classification_json',
    tokenizer: { type: 'transformer_pieces', transformer_model: encoder.name },
    token_indexers: {
      tokens: { type: 'transformer_pieces', transformer_model: encoder.name },
    },
  },
  train_data_path: 'fixtures/formats/reviews.train.jsonl',
  validation_data_path: 'fixtures/formats/reviews.dev.jsonl',
  datasets_for_vocab_creation: ['train'],
  model: {
    type: 'basic_classifier',
    text_field_embedder: {
      token_embedders: {
        tokens: {
          type: 'gated_transformer',
          transformer_model: encoder.name,
          gates: { type: 'hard_concrete' },
        },
      },
    },
    // Where the indexer puts the pieces, which the model looks up to name its tokens.
    namespace: 'tags',
    seq2vec_encoder: { type: 'cls_pooler', embedding_dim: encoder.dim },
    regularizer: {
      regexes: [['log_alpha', { type: 'hard_concrete_l0', coefficient: 0.01 }]],
    },
  },
  data_loader: { batch_size: 8, shuffle: true },
  validation_data_loader: { batch_size: 8, shuffle: false },
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
