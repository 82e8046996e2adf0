// Heads of the trained model that the environment variable ARCHIVE names: DEP.
(import '../dep.jsonnet') + { archive: std.extVar('ARCHIVE') }
