// Which price of an open head, and which learning rate of the gates? For
//
//   allennlp-heads heads search training_configs/search/gates.jsonnet \
//     training_configs/search/gates_hparams.json -s out/search \
//     --metrics best_validation_score --metrics closed_share
//
// Without a target, the share of closed heads is what the two lead to: hence two metrics, and not one
// best trial but those that no other beats in both.
local experiment = import '../lib/experiment.libsonnet';
local gates = import '../lib/gates.libsonnet';
local short = import '../lib/short.libsonnet';
local searched(name) = std.parseJson(std.extVar(name));

experiment {
  tasks: ['pos', 'dep'],
  gates: gates.hard_concrete(searched('coefficient')),
  training+: short { epochs: 6, gates_lr: searched('gates_lr') },
}
