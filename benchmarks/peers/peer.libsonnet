// What all peers share: the encoder, its word vectors (the mean of a word's pieces), and a training
// with the numbers of training_configs/lib/{training,two_cores}.libsonnet. benchmarks/peers/training.py
// gives the variables.
local two_cores = import '../../training_configs/lib/two_cores.libsonnet';
local encoder = std.extVar('ENCODER');
local data = std.extVar('DATA');
local seed = std.parseInt(std.extVar('SEED'));
local batch_size = std.parseInt(std.extVar('BATCH_SIZE'));

{
  dim:: 384,
  encoder:: encoder,
  dev_file:: 'dev',

  token_indexers:: {
    tokens: { type: 'pretrained_transformer_mismatched', model_name: encoder },
  },
  text_field_embedder:: {
    token_embedders: {
      tokens: { type: 'pretrained_transformer_mismatched', model_name: encoder },
    },
  },
  pass_through:: { type: 'pass_through', input_dim: $.dim },
  encoder_parameters:: 'transformer_model',
  selection:: error 'name the metric that selects the best epoch',
  sorting_key:: 'tokens',

  random_seed: seed,
  numpy_seed: seed,
  pytorch_seed: seed,

  // AllenNLP's label fields fail on a label that the vocabulary lacks, so that it has to see the
  // labels of the development data as well.
  train_data_path: data + '/train',
  validation_data_path: data + '/dev',

  data_loader: {
    batch_sampler: { type: 'bucket', batch_size: batch_size, sorting_keys: [$.sorting_key] },
  },
  validation_data_loader: { batch_size: batch_size, shuffle: false },

  trainer: {
    num_epochs: std.parseInt(std.extVar('EPOCHS')),
    validation_metric: $.selection,
    grad_norm: 1.0,
    optimizer: {
      type: two_cores.optimizer_type,
      lr: 1e-3,
      eps: 1e-8,
      weight_decay: 0.0,
      parameter_groups: [[[$.encoder_parameters], { lr: two_cores.encoder_lr }]],
    },
    // This project's: AllenNLP's own must be told the number of steps.
    learning_rate_scheduler: { type: 'linear_with_fractional_warmup', warmup: 0.1 },
  },
}
