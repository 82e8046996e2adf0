local specialization = import '../../lib/specialization.libsonnet';

specialization { tasks: ['cola', 'sst2', 'mrpc', 'qqp', 'stsb', 'mnli', 'qnli', 'rte', 'wnli'] }
