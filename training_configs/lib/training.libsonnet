// Settings of the training, and the trainer made of them. The numbers are those of the original
// study; an experiment overrides what it wants different.
local trainer_keys = std.set([
  'callbacks', 'checkpointer', 'cuda_device', 'ddp_accelerator', 'distributed',
  'enable_default_callbacks', 'grad_clipping', 'grad_norm', 'grad_scaling',
  'learning_rate_scheduler', 'local_rank', 'momentum_scheduler', 'moving_average', 'no_grad',
  'num_epochs', 'num_gradient_accumulation_steps', 'optimizer', 'patience',
  'run_confidence_checks', 'use_amp', 'validation_metric', 'world_size',
]);

{
  local settings = self,
  local of_phases(wanted) = {
    [name]: settings.phases[name]
    for name in std.filter(wanted, std.objectFields(settings.phases))
  },

  // AllenNLP's own trainer takes any key and ignores those it does not know.
  local unknown = std.setDiff(std.objectFields(self), trainer_keys),
  assert std.objectHas(self, 'type') || unknown == [] :
         'training has %s, which is no setting' % std.join(', ', unknown),

  // What the experiment tells: whether it has several tasks, in which phases they are learned if not
  // at the same time, whether it has gates that are learned, how many processes train, and callbacks
  // for gates and heads.
  several:: false,
  phases:: null,
  gated:: false,
  workers:: 1,
  head_callbacks:: [],

  epochs:: 30,
  // Sentences and pieces of an update, which is computed in parts of one task each: `accumulation`,
  // by every worker.
  batch_size:: 64,
  tokens_per_batch:: 6400,
  accumulation:: 1,
  parts:: settings.accumulation * settings.workers,
  encoder_lr:: 5e-5,
  head_lr:: 1e-3,
  gates_lr:: 1e-3,
  // `{ warmup: 0.0, decay: false }` keeps the gates' rate the same throughout.
  gates_schedule:: {},
  // `false`: the pretrained encoder stays as it is, and only gates and heads learn.
  train_encoder:: true,
  // Share of the updates in which learning rates rise; in the others they fall to 0.
  warmup:: 0.1,
  word_dropout:: 0.2,
  // `adamw_fused` computes the same faster on some machines.
  optimizer_type:: 'adamw',
  // `bfloat16` where the machine computes faster with it.
  autocast:: null,
  // Further options of the task heads, by task.
  head_options:: {},
  // How several tasks are mixed: a task with n batches is drawn in proportion to n^0.8, and losses
  // are weighted so that they come to the same size. The study has one more factor in the weights of
  // POS with CON alone (`intrinsic: true`); here all sets of tasks are treated alike.
  sampler::
    if settings.phases != null then
      { type: 'phases', epochs: settings.num_epochs } + of_phases(function(name) name != 'best')
    else if settings.several then { type: 'proportional_power', exponent: 0.8 } else null,
  loss_balancer::
    if settings.several && settings.phases == null then { type: 'moving_average' } else null,

  num_epochs: settings.epochs,
  patience: std.max(1, std.floor(settings.epochs / 2)),
  validation_metric: '+score',
  num_gradient_accumulation_steps: settings.accumulation,
  grad_norm: 1.0,
  optimizer: {
    type: settings.optimizer_type,
    // Of the task heads, and of whatever no group below names.
    lr: settings.head_lr,
    eps: 1e-8,
    weight_decay: 0.0,
    parameter_groups: (
      if settings.train_encoder then [[['\\.transformer\\.'], { lr: settings.encoder_lr }]] else []
    ) + if settings.gated then [
      // Weight decay would pull log alpha to 0, that is towards half-open gates.
      [['log_alpha'], { lr: settings.gates_lr, weight_decay: 0.0 } + settings.gates_schedule],
    ] else [],
  },
  learning_rate_scheduler: { type: 'linear_with_fractional_warmup', warmup: settings.warmup },
  checkpointer: { type: 'atomic' },
  callbacks: (if settings.workers == 1 then [] else ['workers'])
             + ['example_scores', 'tensorboard']
             + (if settings.gated then ['gate_report'] else [])
             // What is done to heads may look ahead at learning rates, so phases must be known.
             + (
               if settings.phases == null then []
               else [{ type: 'phases' } + of_phases(function(name) name == 'best')]
             )
             + settings.head_callbacks
             + ['exact_resume'],
}
