// Settings of a gated run that ends in minutes on two cores, with MiniLM and 2,000 sentences a task:
//
//   experiment { ..., training+: short }
//
// At the original study's 1e-3 a gate takes about 5,000 updates from open to closed; a short run has
// a tenth of them. Its encoder learning rate of 1e-5 for gated runs is too low for so few updates as
// well. Every batch comes once an epoch, and losses count as they are, so that a penalty of the gates
// means the same with one task and with two.
{
  epochs: 10,
  batch_size: 32,
  encoder_lr: 5e-5,
  gates_lr: 0.05,
  warmup: 0.08,
  sampler: null,
  loss_balancer: null,
}
