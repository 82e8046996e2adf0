local specialization = import '../../lib/specialization.libsonnet';

specialization { tasks: ['ag', 'sst2'] }
