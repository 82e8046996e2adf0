// Heads of the trained model that the environment variable ARCHIVE names: SRL.
(import '../srl.jsonnet') + { archive: std.extVar('ARCHIVE') }
