// SRL with learned head gates (STL-DP).
local experiment = import '../../lib/experiment.libsonnet';
local gates = import '../../lib/gates.libsonnet';

experiment {
  tasks: ['srl'],
  local study = gates.study(self.encoder, 'srl'),
  gates: gates.hard_concrete(study.coefficient),
  training+: study.training,
}
