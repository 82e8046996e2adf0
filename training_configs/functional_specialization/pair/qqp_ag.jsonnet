local specialization = import '../../lib/specialization.libsonnet';

specialization { tasks: ['qqp', 'ag'] }
