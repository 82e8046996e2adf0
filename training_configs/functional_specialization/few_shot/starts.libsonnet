// Does training the important heads help with a new task? The others are compared with the control,
// which had as many updates. Both archives are those of
//
//   allennlp-heads train training_configs/functional_specialization/iat/all.jsonnet -s out/iat_all
//   allennlp-heads train training_configs/functional_specialization/iat/important.jsonnet -s out/iat
local few_shot = import '../../lib/few_shot.libsonnet';

few_shot {
  baseline: 'all_heads',
  starts: {
    all_heads: { archive: 'out/iat_all/model.tar.gz' },
    important_heads: { archive: 'out/iat/model.tar.gz' },
    pretrained: { transformer_model: $.encoder.name },
  },
}
