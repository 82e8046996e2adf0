(import 'starts.libsonnet') + { learns: 'scitail' }
