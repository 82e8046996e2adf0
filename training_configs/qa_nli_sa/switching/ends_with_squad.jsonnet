// The study's way across domains: question answering on half of its data, then classification, then
// question answering on the other half, with one encoder all the way.
local qa_nli_sa = import '../../lib/qa_nli_sa.libsonnet';

qa_nli_sa {
  classification:: 'sst2',

  tasks: [self.classification, 'squad'],
  phases: self.ends_with('squad', self.classification),
}
