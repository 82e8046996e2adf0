// POS and DEP share the encoder and one set of learned head gates.
local experiment = import '../../lib/experiment.libsonnet';
local gates = import '../../lib/gates.libsonnet';
local short = import '../../lib/short.libsonnet';

experiment {
  tasks: ['pos', 'dep'],
  gates: gates.hard_concrete(0.01),
  training+: short,
}
