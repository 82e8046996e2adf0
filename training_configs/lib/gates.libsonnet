// Head gates, and the settings of the original study for trainings with learned ones.
//
//   local gates = import '../../lib/gates.libsonnet';
//   experiment {
//     tasks: ['pos'],
//     local study = gates.study(self.encoder, 'pos'),
//     gates: gates.hard_concrete(study.coefficient),
//     training+: study.training,
//   }
{
  // Every head always counts in full: ordinary training.
  open: { type: 'open' },

  // Heads that are there (1) or not (0), one row a layer; training does not change them.
  fixed(mask): { type: 'fixed', mask: mask },

  // Learned gates with an expected-L0 penalty. Its size is coefficient * (mean over layers of the
  // number of heads expected to be open), so with 12 heads a coefficient of 0.01 costs up to 0.12.
  hard_concrete(coefficient): { type: 'hard_concrete', coefficient: coefficient },

  // Learned gates of each task's own, for several tasks on one encoder. `overlap` is the price of a
  // head that two tasks keep open, 0 for none; the study has 0.001 for every head, which is 0.012
  // here with 12 layers, since this too is a mean over layers.
  per_task(coefficient, tasks, overlap=0): {
    type: 'per_task',
    tasks: tasks,
    gates: { type: 'hard_concrete', coefficient: coefficient },
    overlap: overlap,
  },

  // By encoder and task, where `all` is the five tasks together. Encoders name their entry in
  // lib/encoders.libsonnet; what an encoder does not say is as with `bert_base`, and so is whatever
  // the study did not train.
  local by_encoder = {
    bert_base: {
      pos: { coefficient: 0.01, epochs: 30, accumulation: 2 },
      ner: { coefficient: 0.0002, epochs: 100, accumulation: 1, patience: null },
      dep: { coefficient: 0.01, epochs: 100, accumulation: 1 },
      con: { coefficient: 0.01, epochs: 30, accumulation: 2 },
      srl: { coefficient: 0.001, epochs: 100, accumulation: 4 },
      all: { coefficient: 0.001, epochs: 100, accumulation: 4, patience: null },
    },
    bert_large: {
      // The encoder was not trained, only gates and head.
      pos: { train_encoder: false, encoder_lr: 5e-5 },
      ner: { accumulation: 2 },
      dep: { epochs: 30, accumulation: 2 },
      srl: { epochs: 30, accumulation: 8 },
    },
    roberta_base: {
      ner: { accumulation: 2 },
      dep: { epochs: 30, accumulation: 2 },
      srl: { coefficient: 0.002 },
      all: { epochs: 30 },
    },
    electra_base: self.roberta_base,
    deberta_base: self.roberta_base { dep+: { coefficient: 0.02 } },
  },

  // What the study sets for a task, or for `all`, with an encoder: the coefficient of the penalty,
  // and what it sets differently from trainings without gates.
  study(encoder, task): {
    local base = by_encoder.bert_base,
    local own = std.get(by_encoder, std.get(encoder, 'study', 'bert_base'), {}),
    assert std.objectHas(base, task) :
           'the study has no gates for %s, only for %s: choose a coefficient yourself'
           % [task, std.join(', ', std.objectFields(base))],
    local found = base[task] + std.get(own, task, {}),

    coefficient: found.coefficient,
    training: {
      encoder_lr: 1e-5,
      // Gates learn at one rate from first to last.
      gates_schedule: { warmup: 0.0, decay: false },
    } + { [key]: found[key] for key in std.objectFields(found) if key != 'coefficient' },
  },
}
