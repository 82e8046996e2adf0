// The tasks, by key: `reader` (given the token indexers), `head`, and where its data lies.
//
// ${HEADS_DATA} is replaced by the data folder when the files are read; without that environment
// variable it is fixtures/, whose texts are generated.
local treebank = {
  train: '${HEADS_DATA}/ewt/train.conllu',
  dev: '${HEADS_DATA}/ewt/dev.conllu',
};

{
  pos: {
    reader(token_indexers): {
      type: 'conllu',
      view: 'upos',
      token_indexers: token_indexers,
    },
    head: { type: 'tagger', label_namespace: 'upos_labels' },
    data: treebank,
  },

  dep: {
    reader(token_indexers): {
      type: 'conllu',
      view: 'dependency',
      token_indexers: token_indexers,
    },
    head: { type: 'dependency', label_namespace: 'dependency_labels' },
    data: treebank,
  },
}
