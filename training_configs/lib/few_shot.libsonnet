// What `allennlp-heads heads fewshot` reads: a task of lib/tasks.libsonnet learned from a few examples,
// from several starts.
//
//   local few_shot = import '../../lib/few_shot.libsonnet';
//   few_shot { learns: 'scitail', starts: { five: { archive: 'out/five/model.tar.gz' } } }
//
// Settings (hidden fields) are `learns`, `encoder` and `max_length`; all others are the verb's own.
local encoders = import 'encoders.libsonnet';
local experiment = import 'experiment.libsonnet';

{
  local this = self,
  local whole = experiment {
    tasks: [this.learns],
    encoder: this.encoder,
    max_length: this.max_length,
  },

  learns:: error "the configuration names no task: write learns: 'scitail'",
  // Of the archives too: the new task's texts are split into its pieces.
  encoder:: encoders.default,
  max_length:: 128,

  starts: error "the configuration names no starts: write starts: { name: { archive: '...' } }",
  task: {
    name: this.learns,
    reader: whole.dataset_reader.readers[this.learns],
    head: whole.model.heads[this.learns],
    train_data_path: whole.train_data_path[this.learns],
    validation_data_path: whole.validation_data_path[this.learns],
  },
  // The study says how many examples and runs, and nothing of how they are learned from.
  examples: [4, 16, 32, 100],
  seeds: 30,
  training: { updates: 100, batch_size: 8, encoder_lr: 5e-5, head_lr: 1e-3 },
}
