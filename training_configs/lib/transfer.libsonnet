// What `allennlp-heads heads transfer` reads: tasks of lib/tasks.libsonnet, each of them fine-tuned on
// after each other one.
//
//   local transfer = import '../lib/transfer.libsonnet';
//   transfer { between: ['sst2', 'mnli', 'squad'], limited: 300 }
//
// Settings (hidden fields) are `between`, `further_tasks`, `corpus`, `max_length`, `windows` and
// `head_options`; all others are the verb's own. `tasks+: { mnli+: { recipe: { epochs: 1 } } }`
// changes how a single task is learned, `class` what it is compared with.
local corpora = import 'corpora.libsonnet';
local encoders = import 'encoders.libsonnet';
local experiment = import 'experiment.libsonnet';
local shipped_tasks = import 'tasks.libsonnet';

{
  local this = self,
  local whole = experiment {
    tasks: this.between,
    further_tasks: this.further_tasks,
    corpus: this.corpus,
    encoder: { name: this.encoder },
    max_length: this.max_length,
    windows: this.windows,
    training+: {
      head_options: {
        [key]: this.head_options[key]
        for key in this.between
        if std.objectHas(this.head_options, key)
      },
    },
  },
  local layer(key) = (corpora.texts + this.corpus)[(shipped_tasks + this.further_tasks)[key].layer],

  between:: error "the configuration names no tasks: write between: ['sst2', 'mnli']",
  further_tasks:: {},
  corpus:: corpora.default,
  max_length:: 128,
  windows:: { max_length: 384, stride: 128 },
  // Without it the head of semantic roles learns next to nothing in its first thousands of updates,
  // and a LIMITED task has fewer.
  head_options:: { srl: { keep_gold: true } },

  // A name, as in lib/encoders.libsonnet: `encoder: encoders.bert_base.name`.
  encoder: encoders.default.name,
  tasks: {
    [key]: {
      reader: whole.dataset_reader.readers[key],
      head: whole.model.heads[key],
      train_data_path: whole.train_data_path[key],
      validation_data_path: whole.validation_data_path[key],
      // Only where there are test labels.
      [if std.objectHas(layer(key).data, 'test') then 'test_data_path']: layer(key).data.test,
    }
    for key in this.between
  },
  regimes: ['limited_limited'],
  // The study's; it averages 20 restarts of a LIMITED target (from memory of the paper).
  limited: 1000,
  restarts: 3,
  embeddings: {},
}
