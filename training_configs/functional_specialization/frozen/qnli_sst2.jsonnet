// Only the task heads learn; the encoder stays as it was pretrained.
(import '../pair/qnli_sst2.jsonnet') + { training+: { train_encoder: false } }
