// Twenty tasks of three classes: GLUE's nine, SQuAD, and ten on words and trees, in the study's three
// regimes and with its recipes. 3,600 cells, so for a GPU. Texts of a source's training data may be
// among a target's scored data: QNLI's questions and sentences are SQuAD's, and some pairs of MRPC and
// STS-B are the same. Count them in your files, and leave out such cells.
local transfer = import '../lib/transfer.libsonnet';

local classification = ['cola', 'sst2', 'mrpc', 'qqp', 'stsb', 'mnli', 'qnli', 'rte', 'wnli'];
local questions = ['squad'];
local labelling = [
  'pos', 'ner', 'dep', 'con', 'srl', 'wnut17', 'parent', 'gparent', 'ggparent', 'chunk',
];

transfer {
  between: classification + questions + labelling,
  regimes: ['full_full', 'full_limited', 'limited_limited'],
}
