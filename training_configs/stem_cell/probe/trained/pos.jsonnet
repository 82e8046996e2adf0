// Heads of the trained model that the environment variable ARCHIVE names: POS.
(import '../pos.jsonnet') + { archive: std.extVar('ARCHIVE') }
