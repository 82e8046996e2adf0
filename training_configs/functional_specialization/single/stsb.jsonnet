local specialization = import '../../lib/specialization.libsonnet';

specialization { tasks: ['stsb'] }
