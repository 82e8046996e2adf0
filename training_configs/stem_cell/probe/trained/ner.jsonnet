// Heads of the trained model that the environment variable ARCHIVE names: NER.
(import '../ner.jsonnet') + { archive: std.extVar('ARCHIVE') }
