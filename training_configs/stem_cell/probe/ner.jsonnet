// Heads of an encoder as it came: NER.
local probe = import '../../lib/probe.libsonnet';

probe { tasks: ['ner'] }
