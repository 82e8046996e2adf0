// Heads of the trained model that the environment variable ARCHIVE names: all five tasks.
(import '../all.jsonnet') + { archive: std.extVar('ARCHIVE') }
