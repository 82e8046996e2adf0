// Settings of the training, and the trainer made of them. The numbers are those of the original
// study; an experiment overrides what it wants different.
{
  local settings = self,

  epochs:: 30,
  batch_size:: 64,
  tokens_per_batch:: 6400,
  accumulation:: 1,
  encoder_lr:: 5e-5,
  head_lr:: 1e-3,
  gates_lr:: 1e-3,
  // A tenth of the updates of 30 epochs over 2 x 2,000 sentences.
  warmup_steps:: 200,
  gated:: false,

  num_epochs: settings.epochs,
  patience: std.max(1, std.floor(settings.epochs / 2)),
  validation_metric: '+score',
  num_gradient_accumulation_steps: settings.accumulation,
  grad_norm: 1.0,
  optimizer: {
    type: 'adamw',
    // Of the task heads, and of whatever no group below names.
    lr: settings.head_lr,
    eps: 1e-8,
    weight_decay: 0.0,
    parameter_groups: [
      [['\\.transformer\\.'], { lr: settings.encoder_lr }],
    ] + if settings.gated then [
      // Weight decay would pull log alpha to 0, that is towards half-open gates.
      [['log_alpha'], { lr: settings.gates_lr, weight_decay: 0.0 }],
    ] else [],
  },
  learning_rate_scheduler: { type: 'linear_with_warmup', warmup_steps: settings.warmup_steps },
  checkpointer: { type: 'atomic' },
  callbacks: ['example_scores', 'tensorboard']
             + (if settings.gated then ['gate_report'] else [])
             + ['exact_resume'],
}
