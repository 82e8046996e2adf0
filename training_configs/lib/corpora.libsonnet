// The corpora, by name: of each layer of annotation the reader, and where its files lie. `default` is
// what every experiment uses unless it names another: changing that one line changes them all.
//
// ${HEADS_DATA} is replaced by the data folder when the files are read; without that environment
// variable it is fixtures/, whose texts are generated.
local ontonotes(language) = {
  // The folders of the CoNLL-2012 shared task, searched for *gold_conll files.
  local folder(split) =
    '${HEADS_DATA}/conll-2012/v4/data/%s/data/%s/annotations' % [split, language],
  local files = { train: folder('train'), dev: folder('development'), test: folder('test') },
  // Made from the trees with the Stanford converter; not part of the shared task.
  local dependencies(split) = '${HEADS_DATA}/conll-2012/dependencies/%s.%s.conllx' % [language, split],

  pos: { reader: { type: 'ontonotes', view: 'pos' }, data: files },
  con: { reader: { type: 'ontonotes', view: 'con' }, data: files },
  // Many documents were never annotated with names, and some not with propositions.
  ner: {
    reader: { type: 'ontonotes', view: 'ner', only_documents_with_names: true },
    data: files,
  },
  srl: {
    reader: { type: 'ontonotes', view: 'srl', only_documents_with_propositions: true },
    data: files,
  },
  dep: {
    reader: { type: 'conllu', view: 'dependency' },
    data: { [split]: dependencies(split) for split in ['train', 'dev', 'test'] },
  },
};

{
  default: self.ewt,

  // The English Web Treebank with universal tags and dependencies.
  ewt: {
    local files(ending) = {
      [split]: '${HEADS_DATA}/ewt/%s.%s' % [split, ending]
      for split in ['train', 'dev', 'test']
    },

    pos: { reader: { type: 'conllu', view: 'upos' }, data: files('conllu') },
    dep: { reader: { type: 'conllu', view: 'dependency' }, data: files('conllu') },
    ner: { reader: { type: 'ontonotes', view: 'ner' }, data: files('gold_conll') },
    con: { reader: { type: 'ontonotes', view: 'con' }, data: files('gold_conll') },
    srl: { reader: { type: 'ontonotes', view: 'srl' }, data: files('gold_conll') },
  },

  ontonotes_english: ontonotes('english'),
  ontonotes_chinese: ontonotes('chinese'),
}
