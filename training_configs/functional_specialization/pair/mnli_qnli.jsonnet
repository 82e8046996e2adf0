local specialization = import '../../lib/specialization.libsonnet';

specialization { tasks: ['mnli', 'qnli'] }
