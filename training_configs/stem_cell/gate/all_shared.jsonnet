// All five tasks share the encoder and one set of learned head gates (MTL-5-DP).
local experiment = import '../../lib/experiment.libsonnet';
local gates = import '../../lib/gates.libsonnet';

experiment {
  tasks: ['pos', 'ner', 'srl', 'dep', 'con'],
  local study = gates.study(self.encoder, 'all'),
  gates: gates.hard_concrete(study.coefficient),
  training+: study.training,
}
