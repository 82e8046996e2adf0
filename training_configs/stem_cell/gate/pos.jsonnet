// POS with learned head gates (STL-DP).
local experiment = import '../../lib/experiment.libsonnet';
local gates = import '../../lib/gates.libsonnet';

experiment {
  tasks: ['pos'],
  local study = gates.study(self.encoder, 'pos'),
  gates: gates.hard_concrete(study.coefficient),
  training+: study.training,
}
