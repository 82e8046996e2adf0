// Heads of an encoder as it came: CON.
local probe = import '../../lib/probe.libsonnet';

probe { tasks: ['con'] }
