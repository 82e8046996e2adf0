// Heads of an encoder as it came: POS.
local probe = import '../../lib/probe.libsonnet';

probe { tasks: ['pos'] }
