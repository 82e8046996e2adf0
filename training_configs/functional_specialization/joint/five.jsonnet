local specialization = import '../../lib/specialization.libsonnet';

specialization { tasks: ['mnli', 'qqp', 'qnli', 'sst2', 'cola'] }
