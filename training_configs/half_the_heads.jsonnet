// POS and DEP with half of the heads: closed while training, fine-tuned without them, and removed in
// the end, all in minutes on two cores.
(import 'stem_cell/gate/pos_dep.jsonnet') + {
  training+: { gates_lr: 0.1 },
  target: 0.5,
  remove_heads: { finetune_epochs: 2 },
}
