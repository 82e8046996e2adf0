// SRL with given predicates: allennlp-models' `srl_bert`, one pass of the encoder a predicate.
local peer = import 'peer.libsonnet';

peer {
  selection:: '+f1-measure-overall',
  encoder_parameters:: 'bert_model',
  dataset_reader: { type: 'srl', bert_model_name: peer.encoder },
  model: {
    type: 'srl_bert',
    bert_model: peer.encoder,
    embedding_dropout: 0.1,
  },
}
