(import 'branch.libsonnet') + { iat+: { heads: 'bottom' } }
