local qa_nli_sa = import '../../lib/qa_nli_sa.libsonnet';

qa_nli_sa { tasks: ['squad'] }
