// Settings of a gated run that ends in minutes on two cores, with MiniLM and 1,000 sentences a task:
//
//   (import 'gate/pos.jsonnet') + { training+: pruning_on_two_cores, target: 0.5 }
//
// Those of lib/two_cores.libsonnet, and gates that learn fast enough: at the original study's 1e-3 a
// gate takes about 5,000 updates from open to closed, and here are some 380 a task. So fast, they come
// to rest only when their rate falls like the others.
(import 'two_cores.libsonnet') {
  gates_lr: 0.1,
  gates_schedule: {},
}
