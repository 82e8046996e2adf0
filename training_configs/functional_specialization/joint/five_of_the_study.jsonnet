local specialization = import '../../lib/specialization.libsonnet';

specialization { tasks: ['mnli', 'qqp', 'qnli', 'ag', 'sst2'] }
