(import 'branch.libsonnet') + { iat+: { heads: 'all' } }
