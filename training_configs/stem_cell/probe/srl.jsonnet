// Heads of an encoder as it came: SRL.
local probe = import '../../lib/probe.libsonnet';

probe { tasks: ['srl'] }
