// A complete configuration for any list of tasks. An experiment is a few lines over it:
//
//   local experiment = import '../lib/experiment.libsonnet';
//   experiment { tasks: ['pos', 'dep'], training+: { epochs: 10 } }
//
// Settings (hidden fields) are `tasks`, `further_tasks`, `corpus`, `encoder`, `start_from`,
// `max_length`, `windows`, `phases`, `gates`, `target`, `remove_heads`, `importance`, `dissociation`,
// `iat`, `probe`, `embedding`, `training`, `workers`, `seed` and `test_at_end`.
local corpora = import 'corpora.libsonnet';
local encoders = import 'encoders.libsonnet';
local gates = import 'gates.libsonnet';
local shipped_tasks = import 'tasks.libsonnet';
local training = import 'training.libsonnet';

{
  local this = self,
  local known_tasks = shipped_tasks + this.further_tasks,
  local each(make) = { [key]: make(known_tasks[key]) for key in this.tasks },
  local layers = corpora.texts + this.corpus,
  local annotation(task) =
    assert std.objectHas(layers, task.layer) : "the corpus has no layer '%s'" % task.layer;
    layers[task.layer],
  local files(split) = each(
    function(task)
      assert std.objectHas(annotation(task).data, split) :
             '%s has no %s file with labels' % [task.layer, split];
      annotation(task).data[split]
  ),
  local reads(part) = { type: 'transformer_' + part, transformer_model: this.encoder.name },
  local pieces = {
    tokenizer: reads('pieces') { max_length: this.max_length },
    // Pieces are never turned into text again, so the vocabulary need not have them.
    token_indexers: { tokens: reads('pieces') { namespace: null } },
  },
  // The reader itself cuts what is too long, into windows.
  local windows = pieces { tokenizer: reads('pieces') } + this.windows,
  local words = { token_indexers: { tokens: reads('words') } },
  local reader(task) =
    annotation(task).reader + std.get(task, 'reading', {})
    + (
      if std.get(task, 'windows', false) then windows
      else if std.get(task, 'pieces', false) then pieces else words
    )
    + { [name]: task.head[name] for name in ['label_namespace'] if std.objectHas(task.head, name) },

  local unknown(keys) = std.join(', ', std.setDiff(std.set(keys), std.objectFields(known_tasks))),
  assert unknown(this.tasks) == '' :
         'tasks has %s, but there are only %s'
         % [unknown(this.tasks), std.join(', ', std.objectFields(known_tasks))],
  assert unknown(std.objectFields(this.training.head_options)) == '' :
         'training.head_options has %s, which is no task'
         % unknown(std.objectFields(this.training.head_options)),

  local learned = !std.member(['open', 'fixed'], this.gates.type),
  local aiming = if std.isNumber(this.target) then { target: this.target } else this.target,
  local switched(setting) = if setting == true then {} else if setting == false then null else setting,
  // What is drawn at random is drawn anew in runs with other seeds.
  local seeded(setting) =
    local options = switched(setting);
    if std.isObject(options) then { seed: this.seed } + options else options,
  local removing = switched(this.remove_heads),
  local phased =
    if this.phases == null || std.isObject(this.phases) then this.phases
    else { phases: this.phases },
  local devices =
    if std.isArray(this.workers) then this.workers
    else std.makeArray(this.workers, function(number) -1),
  assert std.length(devices) > 0 : 'workers is a number from 1 upwards, or a list of devices',
  local callback(type, options) = if options == null then [] else [{ type: type } + options],
  local is_options(value) = value == null || std.isObject(value),
  assert is_options(aiming) : 'target is a share of the heads or an object of options',
  local switches = ['remove_heads', 'importance', 'dissociation', 'iat', 'probe', 'embedding'],
  assert std.all([is_options(switched(this[setting])) for setting in switches]) :
         '%s are true, false or an object of options' % std.join(', ', switches),
  local each_phase = if phased == null then [] else std.get(phased, 'phases', [null]),
  assert std.isArray(each_phase) && std.all(std.map(std.isObject, each_phase)) :
         "phases is a list such as [{ task: 'squad', share: 0.5 }], or an object that has it as `phases`",
  local strangers = std.setDiff(
    std.set([std.get(phase, 'task', 'no task') for phase in each_phase]), std.set(this.tasks)
  ),
  assert strangers == [] :
         'phases has a phase of %s, but tasks only %s'
         % [std.join(', ', strangers), std.join(', ', this.tasks)],
  assert aiming == null || learned :
         'target needs gates that are learned, such as gates: gates.hard_concrete(0.01), but they are '
         + this.gates.type,
  assert removing == null || this.gates.type != 'open' :
         'remove_heads needs gates that close heads, such as gates: gates.hard_concrete(0.01)',

  tasks:: error 'the experiment names no tasks: write tasks: [...]',
  // Tasks that lib/tasks.libsonnet does not have, in its form.
  further_tasks:: {},
  corpus:: corpora.default,
  encoder:: encoders.default,
  gates:: gates.open,
  // Share of the heads to close, with learned gates, or options of the callback `sparsity_target`.
  target:: null,
  // Whether closed heads are removed from the model at the end, into `pruned/` beside the archive;
  // `true`, or options of the callback `remove_heads`.
  remove_heads:: false,
  // Archive or weights (`best.th`) of an earlier run of the same tasks, to start from instead of new
  // heads on the pretrained encoder. Gates start open all the same.
  start_from:: null,
  // Pieces of a raw text or pair of texts; what is longer is cut.
  max_length:: 128,
  // Pieces of a window on a passage with its question, and how far windows lie apart.
  windows:: { max_length: 384, stride: 128 },
  // Tasks one after the other instead of mixed: a list of phases, or `{ phases: [...] }` with further
  // options of the sampler and the callback `phases`.
  phases:: null,
  // What is asked of the heads, each `true` or options of the callback named here: how much every
  // head matters to every task when the training is over (`head_importance`), what the tasks lose
  // without each other's most important heads (`head_dissociation`), a last part of the training in
  // which each task trains these heads alone (`important_head_training`), what single heads find out
  // by themselves (`head_probe`), and every task as vectors (`task_embedding`).
  importance:: false,
  dissociation:: false,
  iat:: false,
  probe:: false,
  embedding:: false,
  training:: training {
    several:: std.length(this.tasks) > 1,
    gated:: learned,
    phases:: phased,
    workers:: std.length(devices),
    head_callbacks:: callback('sparsity_target', aiming)
                     + callback('important_head_training', seeded(this.iat))
                     + callback('head_importance', switched(this.importance))
                     + callback('head_dissociation', seeded(this.dissociation))
                     + callback('head_probe', switched(this.probe))
                     + callback('task_embedding', switched(this.embedding))
                     + callback('remove_heads', removing),
    accumulation: std.foldl(
      function(most, key) std.max(most, std.get(known_tasks[key], 'accumulation', 1)), this.tasks, 1
    ),
  },
  // Processes that train together: so many on CPUs, or the list of their devices, such as [0, 1].
  workers:: 1,
  seed:: 13,
  // Whether the archived model is scored on the test files, once, after the training.
  test_at_end:: false,

  random_seed: this.seed,
  numpy_seed: this.seed,
  pytorch_seed: this.seed,

  dataset_reader: { type: 'multitask_heads', readers: each(reader) },
  train_data_path: files('train'),
  validation_data_path: files('dev'),
  test_data_path: if this.test_at_end then files('test') else null,
  evaluate_on_test: this.test_at_end,
  // Labels that only the development data has must not be learnt from it.
  datasets_for_vocab_creation: ['train'],

  model: {
    type: 'multitask_heads',
    backbone: {
      type: 'gated_transformer',
      transformer_model: this.encoder.name,
      gates: this.gates,
      word_dropout: this.training.word_dropout,
      train_parameters: this.training.train_encoder,
    },
    heads: {
      [key]: known_tasks[key].head + std.get(this.training.head_options, key, {})
      for key in this.tasks
    },
    loss_balancer: this.training.loss_balancer,
    autocast: this.training.autocast,
    [if this.start_from != null then 'initializer']: {
      regexes: [['^(?!.*log_alpha)', { type: 'pretrained', weights_file_path: this.start_from }]],
    },
  },

  local batches = {
    type: 'multitask_bucketed',
    batch_size: std.max(1, std.floor(this.training.batch_size / this.training.parts)),
    tokens_per_batch:
      std.max(1, std.floor(this.training.tokens_per_batch / this.training.parts)),
  },
  data_loader: batches {
    shuffle: true,
    sampler: this.training.sampler,
    [if std.length(devices) > 1 then 'similar_batches']: std.length(devices),
  },
  // Always given: without it the development data would be read in the way of the training data.
  validation_data_loader: batches { shuffle: false },

  trainer: this.training,
  distributed: if std.length(devices) == 1 then null else {
    cuda_devices: devices,
    // In a step a worker trains the head of one task only.
    ddp_accelerator: 'multitask_torch',
  },
  // `allennlp evaluate` also writes what the model says of every example.
  evaluation: { type: 'example_scores' },

  // The encoder's configuration and tokenizer travel in model.tar.gz.
  include_in_archive: ['encoder'],
}
