// The corpora, by name: of each layer of annotation the reader, and where its files lie. `default` is
// what every experiment uses unless it names another: changing that one line changes them all.
//
// ${HEADS_DATA} is replaced by the data folder when the files are read; without that environment
// variable it is fixtures/, whose texts are generated.

// What trees say of words: the labels of the phrases above them, and chunks.
local on_trees(reader, files) = {
  [view]: { reader: { type: reader, view: view }, data: files }
  for view in ['parent', 'gparent', 'ggparent', 'chunk']
};

local ontonotes(language) =
  // The folders of the CoNLL-2012 shared task, searched for *gold_conll files.
  local folder(split) =
    '${HEADS_DATA}/conll-2012/v4/data/%s/data/%s/annotations' % [split, language];
  local files = { train: folder('train'), dev: folder('development'), test: folder('test') };
  // Made from the trees with the Stanford converter; not part of the shared task.
  local dependencies(split) = '${HEADS_DATA}/conll-2012/dependencies/%s.%s.conllx' % [language, split];

  on_trees('ontonotes', files) {
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

// GLUE's own folders and files. Its test files have no labels, so there are none to score on.
local glue(task, folder, dev='dev.tsv') = {
  reader: { type: 'glue', task: task },
  data: {
    train: '${HEADS_DATA}/glue/%s/train.tsv' % folder,
    dev: '${HEADS_DATA}/glue/%s/%s' % [folder, dev],
  },
};

// SQuAD's test questions are not published.
local squad(version) = {
  reader: { type: 'squad_json' },
  data: {
    [split]: '${HEADS_DATA}/squad/%s-%s.json' % [split, version]
    for split in ['train', 'dev']
  },
};

{
  default: self.ewt,

  // Texts and pairs of texts with one label or score each, passages with questions, and a second set
  // of names. Every experiment has them, whatever its corpus is; a corpus that has one of these
  // layers itself takes its own.
  texts: {
    cola: glue('cola', 'CoLA'),
    sst2: glue('sst2', 'SST-2'),
    mrpc: glue('mrpc', 'MRPC'),
    qqp: glue('qqp', 'QQP'),
    stsb: glue('stsb', 'STS-B'),
    mnli: glue('mnli', 'MNLI', 'dev_matched.tsv'),
    qnli: glue('qnli', 'QNLI'),
    rte: glue('rte', 'RTE'),
    wnli: glue('wnli', 'WNLI'),

    // AG's news has no development data: a tenth of the training data is held out. In `ag_pair` the
    // items of the same files stand in pairs, on one topic or on two.
    local ag_files = {
      train: '${HEADS_DATA}/agnews/train.csv#train',
      dev: '${HEADS_DATA}/agnews/train.csv#dev',
      test: '${HEADS_DATA}/agnews/test.csv',
    },
    ag: {
      reader: {
        type: 'delimited_text',
        header: false,
        text: [1, 2],
        join: ' - ',
        label: 0,
        labels: { '1': 'World', '2': 'Sports', '3': 'Business', '4': 'Sci/Tech' },
      },
      data: ag_files,
    },
    ag_pair: { reader: { type: 'ag_pair' }, data: ag_files },

    squad: squad('v1.1'),
    squad_v2: squad('v2.0'),

    wnut17: {
      reader: { type: 'bio_columns', separator: '\t' },
      data: {
        [split]: '${HEADS_DATA}/wnut17/%s.conll' % split
        for split in ['train', 'dev', 'test']
      },
    },

    scitail: {
      reader: {
        type: 'delimited_text',
        header: false,
        text: 0,
        text_pair: 1,
        label: 2,
        labels: ['entails', 'neutral'],
      },
      data: {
        [split]: '${HEADS_DATA}/scitail/scitail_1.0_%s.tsv' % split
        for split in ['train', 'dev', 'test']
      },
    },

    // The folders of the Large Movie Review Dataset, which has no development data either.
    imdb: {
      reader: { type: 'delimited_text', labels: ['neg', 'pos'] },
      data: {
        train: '${HEADS_DATA}/imdb/train#train',
        dev: '${HEADS_DATA}/imdb/train#dev',
        test: '${HEADS_DATA}/imdb/test',
      },
    },
  },

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
  } + on_trees('bracketed_trees', {
    [split]: '${HEADS_DATA}/ewt/%s.mrg' % split
    for split in ['train', 'dev', 'test']
  }),

  ontonotes_english: ontonotes('english'),
  ontonotes_chinese: ontonotes('chinese'),
}
