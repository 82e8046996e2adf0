// An experiment with the settings of the study of functional specialization (Li et al., 2023):
//
//   local specialization = import '../../lib/specialization.libsonnet';
//   specialization { tasks: ['qnli', 'sst2'] }
//
// Three epochs of batches of 32 at one constant rate for encoder and heads that falls to 0 from the
// first update on, nothing clipped, every batch once an epoch, losses as they are. These are the
// scripts published with the study; what the paper itself used is in an appendix that we have not.
local experiment = import 'experiment.libsonnet';

experiment {
  max_length: 256,
  training+: {
    epochs: 3,
    batch_size: 32,
    // So many that only the number of texts counts.
    tokens_per_batch: 32 * 256,
    encoder_lr: 2e-5,
    head_lr: 2e-5,
    warmup: 0.0,
    grad_norm: false,
    word_dropout: 0.0,
    patience: null,
    sampler: null,
    loss_balancer: null,
  },
}
