// Heads of an encoder as it came: DEP.
local probe = import '../../lib/probe.libsonnet';

probe { tasks: ['dep'] }
