// Only the task heads learn; the encoder stays as it was pretrained.
(import '../joint/five.jsonnet') + { training+: { train_encoder: false } }
