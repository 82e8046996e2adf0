local specialization = import '../../lib/specialization.libsonnet';

specialization { tasks: ['ag_pair', 'qnli'] }
