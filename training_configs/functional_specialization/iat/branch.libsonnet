// What important-head training and its controls have in common: they go on from the same model, for
// the same updates at the same rates, and differ in the heads that each task trains. That model is
//
//   allennlp-heads train training_configs/functional_specialization/joint/five.jsonnet -s out/five
//
// and here is the one place that names it, with its experiment.
(import '../joint/five.jsonnet') + {
  start_from: 'out/five/model.tar.gz',
  iat: { alpha: 0.3, start: 0.0 },
  dissociation: true,
  training+: { epochs: 1 },
}
