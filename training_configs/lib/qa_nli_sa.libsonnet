// An experiment on question answering (QA), natural-language inference (NLI) and sentiment analysis
// (SA), after the study of multi-task learning with transfer learning (Sharma):
//
//   local qa_nli_sa = import '../../lib/qa_nli_sa.libsonnet';
//   qa_nli_sa { tasks: ['sst2', 'squad'] }
//
// The study states no settings. These are the defaults of the library that it is written with, where
// they can be the same for all tasks, as they must be for tasks that share an encoder. Where the
// library has others for SQuAD (batches of 12, a rate of 3e-5, two epochs), those of classification
// are taken, with which BERT's authors trained SQuAD as well. How tasks are mixed is not said either:
// the sampler is the default for several tasks, and losses count as they are.
local experiment = import 'experiment.libsonnet';

experiment {
  local this = self,

  // Phases that end with the given task: one half of its data, the whole of another task, and the
  // other half, each as often as there are epochs. Heads wait, unchanged, while another is used, and
  // the optimizer goes on; of both the study says nothing. `each_phase:: { head: 'reset' }` starts
  // heads anew, `{ optimizer: 'reset' }` the optimizer and its schedule.
  ends_with(task, other):: [
    phase + this.each_phase
    for phase in [
      { task: task, part: [0, 0.5], share: 0.5 * this.training.epochs },
      { task: other, share: this.training.epochs },
      { task: task, part: [0.5, 1], share: 0.5 * this.training.epochs },
    ]
  ],
  each_phase:: {},

  max_length: 128,
  windows: { max_length: 384, stride: 128 },
  training+: {
    epochs: 3,
    batch_size: 32,
    // That many full windows: fewer than 32 questions only where their passages are long.
    tokens_per_batch: 32 * 384,
    encoder_lr: 5e-5,
    head_lr: 5e-5,
    warmup: 0.1,
    word_dropout: 0.0,
    patience: null,
    loss_balancer: null,
  },
}
