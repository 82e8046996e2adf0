// The ten pairs of the five tasks, each with three seeds, for
//
//   allennlp-heads heads grid training_configs/grid/pairs.jsonnet -s out/pairs
//
// `slice` says how much of the data is used, and for how long; `null` sentences are all of them. As
// on the generated fixtures here, so on HEADS_DATA's corpus where that is set. A file of one's own
// changes it: (import 'pairs.jsonnet') { slice+:: { sentences: 1000, epochs: 6 } }
local two_cores = import '../lib/two_cores.libsonnet';

local pairs = {
  dep_con: import '../stem_cell/pair/dep_con.jsonnet',
  dep_srl: import '../stem_cell/pair/dep_srl.jsonnet',
  ner_con: import '../stem_cell/pair/ner_con.jsonnet',
  ner_dep: import '../stem_cell/pair/ner_dep.jsonnet',
  ner_srl: import '../stem_cell/pair/ner_srl.jsonnet',
  pos_con: import '../stem_cell/pair/pos_con.jsonnet',
  pos_dep: import '../stem_cell/pair/pos_dep.jsonnet',
  pos_ner: import '../stem_cell/pair/pos_ner.jsonnet',
  pos_srl: import '../stem_cell/pair/pos_srl.jsonnet',
  srl_con: import '../stem_cell/pair/srl_con.jsonnet',
};

{
  local slice = self.slice,

  slice:: { sentences: 200, dev_sentences: 200, epochs: 2 },

  seeds: [13, 14, 15],
  runs: {
    [name]: {
      config: pairs[name] {
        training+: two_cores { epochs: slice.epochs },
        data_loader+: { max_instances: slice.sentences },
        validation_data_loader+: { max_instances: slice.dev_sentences },
      },
    }
    for name in std.objectFields(pairs)
  },
}
