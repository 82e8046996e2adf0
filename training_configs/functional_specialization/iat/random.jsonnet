(import 'branch.libsonnet') + { iat+: { heads: 'random' } }
