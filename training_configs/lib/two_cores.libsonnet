// Settings of a run without gates that ends in minutes on two cores, with MiniLM and 1,000 sentences
// a task:
//
//   experiment { ..., training+: two_cores }
//
// With so little data small updates pay, and a larger learning rate of the encoder, which is a small
// one; the best epoch is found without stopping early, so that runs cost the same.
{
  epochs: 6,
  batch_size: 16,
  accumulation: 1,
  encoder_lr: 1e-4,
  head_lr: 1e-3,
  warmup: 0.1,
  optimizer_type: 'adamw_fused',
  autocast: 'bfloat16',
  patience: null,
  // With the study's pruning alone the first thousands of updates learn next to nothing.
  head_options: { srl: { keep_gold: true } },
}
