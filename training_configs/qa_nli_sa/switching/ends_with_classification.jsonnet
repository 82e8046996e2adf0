// The same the other way round, so that the classifier is not scored on an encoder that has moved on
// since: classification on half of its data, then question answering, then classification again.
local qa_nli_sa = import '../../lib/qa_nli_sa.libsonnet';

qa_nli_sa {
  classification:: 'sst2',

  tasks: [self.classification, 'squad'],
  phases: self.ends_with(self.classification, 'squad'),
}
