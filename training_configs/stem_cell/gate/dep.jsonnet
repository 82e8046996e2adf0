// DEP with learned head gates.
local experiment = import '../../lib/experiment.libsonnet';
local gates = import '../../lib/gates.libsonnet';
local short = import '../../lib/short.libsonnet';

experiment {
  tasks: ['dep'],
  gates: gates.hard_concrete(gates.coefficients.dep),
  training+: short,
}
