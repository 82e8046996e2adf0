// How many heads can go, and how fast may gates and encoder learn while they do? For
//
//   allennlp-heads heads search training_configs/search/target.jsonnet \
//     training_configs/search/target_hparams.json -s out/search_target \
//     --metrics best_validation_score --metrics closed_share
//
// or, with one metric, also with training_configs/search/optuna.json, whose pruner ends trials that
// promise too little.
local experiment = import '../lib/experiment.libsonnet';
local gates = import '../lib/gates.libsonnet';
local short = import '../lib/short.libsonnet';
local searched(name) = std.parseJson(std.extVar(name));

experiment {
  tasks: ['pos', 'dep'],
  gates: gates.hard_concrete(0.01),
  target: searched('target'),
  training+: short {
    epochs: 6,
    gates_lr: searched('gates_lr'),
    encoder_lr: searched('encoder_lr'),
  },
}
