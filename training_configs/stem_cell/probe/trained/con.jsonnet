// Heads of the trained model that the environment variable ARCHIVE names: CON.
(import '../con.jsonnet') + { archive: std.extVar('ARCHIVE') }
