// A complete configuration for any list of tasks. An experiment is a few lines over it:
//
//   local experiment = import '../lib/experiment.libsonnet';
//   experiment { tasks: ['pos', 'dep'], training+: { epochs: 10 } }
//
// Settings (hidden fields) are `tasks`, `encoder`, `gates`, `training` and `seed`.
local encoders = import 'encoders.libsonnet';
local gates = import 'gates.libsonnet';
local known_tasks = import 'tasks.libsonnet';
local training = import 'training.libsonnet';

{
  local this = self,
  local each(make) = { [key]: make(known_tasks[key]) for key in this.tasks },
  local token_indexers = {
    tokens: { type: 'transformer_words', transformer_model: this.encoder.name },
  },

  tasks:: error 'the experiment names no tasks: write tasks: [...]',
  encoder:: encoders.default,
  gates:: gates.open,
  training:: training { gated:: this.gates.type != 'open' },
  seed:: 13,

  random_seed: this.seed,
  numpy_seed: this.seed,
  pytorch_seed: this.seed,

  dataset_reader: {
    type: 'multitask_heads',
    readers: each(function(task) task.reader(token_indexers)),
  },
  train_data_path: each(function(task) task.data.train),
  validation_data_path: each(function(task) task.data.dev),
  // Labels that only the development data has must not be learnt from it.
  datasets_for_vocab_creation: ['train'],

  model: {
    type: 'multitask_heads',
    backbone: {
      type: 'gated_transformer',
      transformer_model: this.encoder.name,
      gates: this.gates,
      word_dropout: 0.2,
    },
    heads: each(function(task) task.head),
  },

  local batches = {
    type: 'multitask_bucketed',
    batch_size: std.floor(this.training.batch_size / this.training.accumulation),
    tokens_per_batch: std.floor(this.training.tokens_per_batch / this.training.accumulation),
  },
  data_loader: batches { shuffle: true },
  // Always given: without it the development data would be read in the way of the training data.
  validation_data_loader: batches { shuffle: false },

  trainer: this.training,

  // The encoder's configuration and tokenizer travel in model.tar.gz.
  include_in_archive: ['encoder'],
}
