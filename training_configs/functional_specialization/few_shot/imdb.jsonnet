(import 'starts.libsonnet') + { learns: 'imdb' }
