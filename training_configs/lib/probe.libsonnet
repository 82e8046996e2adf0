// What `allennlp-heads heads probe` reads: an encoder, or a trained model, and the labelled sentences
// of some tasks.
//
//   local probe = import '../../lib/probe.libsonnet';
//   probe { tasks: ['dep'], encoder: encoders.roberta_base, probes+: { direction: 'to_head' } }
//
// Settings (hidden fields) are `tasks`, `further_tasks`, `corpus`, `encoder` and `seed`; `archive`,
// `probes` and all others are the verb's own.
local corpora = import 'corpora.libsonnet';
local encoders = import 'encoders.libsonnet';
local experiment = import 'experiment.libsonnet';

{
  local this = self,
  local whole = experiment {
    tasks: this.tasks,
    further_tasks: this.further_tasks,
    corpus: this.corpus,
    test_at_end: true,
  },
  // The verb has words split into the pieces of what is probed: encoder or archive.
  local without_pieces(reader) = std.mergePatch(reader, { token_indexers: null }),

  tasks:: error "the configuration names no tasks: write tasks: ['pos']",
  further_tasks:: {},
  corpus:: corpora.default,
  encoder:: encoders.default,
  seed:: 13,

  // A trained model instead of the encoder; it need not have been trained for these tasks.
  archive: null,
  transformer_model: if this.archive == null then this.encoder.name else null,
  dataset_reader: {
    type: 'multitask_heads',
    readers: std.mapWithKey(
      function(_, reader) without_pieces(reader), whole.dataset_reader.readers
    ),
  },
  // Centroids of the training data, the best head of each label on the development data, scores on
  // the test data.
  train_data_path: whole.train_data_path,
  validation_data_path: whole.validation_data_path,
  test_data_path: whole.test_data_path,
  // Options of all probes; `tasks` in it has those of single tasks.
  probes: {},
  random_seed: this.seed,
}
