// DEP with learned head gates (STL-DP).
local experiment = import '../../lib/experiment.libsonnet';
local gates = import '../../lib/gates.libsonnet';

experiment {
  tasks: ['dep'],
  local study = gates.study(self.encoder, 'dep'),
  gates: gates.hard_concrete(study.coefficient),
  training+: study.training,
}
