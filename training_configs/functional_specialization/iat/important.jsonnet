(import 'branch.libsonnet') + { iat+: { heads: 'important' } }
