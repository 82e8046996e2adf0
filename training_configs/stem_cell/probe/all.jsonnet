// Heads of an encoder as it came: all five tasks.
local probe = import '../../lib/probe.libsonnet';

probe { tasks: ['pos', 'ner', 'srl', 'dep', 'con'] }
