// Head gates.
{
  // Every head always counts in full: ordinary training.
  open: { type: 'open' },

  // Learned gates with an expected-L0 penalty. Its size is coefficient * (mean over layers of the
  // number of heads expected to be open), so with 12 heads a coefficient of 0.01 costs up to 0.12.
  hard_concrete(coefficient): { type: 'hard_concrete', coefficient: coefficient },

  // The coefficients of the original study, by task.
  coefficients: { pos: 0.01, dep: 0.01 },
}
