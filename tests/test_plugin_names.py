"""
AllenNLP's commands import allennlp-models wherever it is installed. A name that both register would
make one of the two fail at import, and with it every command.
"""

import pytest
from allennlp.common import Registrable
from allennlp.data import DatasetReader
from allennlp.models import Model
from allennlp.models.heads import Head
from allennlp.modules import TokenEmbedder
from allennlp.predictors import Predictor
from allennlp.training.metrics import Metric

import allennlp_heads  # noqa: F401  (registers the names)

# What allennlp-models 2.10.1 registers, of kinds of which this project registers some too.
TAKEN: dict[type[Registrable], str] = {
    DatasetReader: """boolq ccgbank cnn_dm commonsenseqa conll2000 copynet_seq2seq coref drop fake
        flickr30k gqa masked_language_modeling next_token_lm nlvr2 ontonotes_ner piqa piqa_tt preco
        ptb_trees qangaroo quac quora_paraphrase semantic_dependencies seq2seq
        simple_language_modeling snli squad squad1 squad2 srl sst_tokens superglue_record swag
        transformer_squad transformer_superglue_rte triviaqa universal_dependencies vgqa
        visual-entailment vqav2 winobias""",
    Model: """bart bcn biaffine_parser bidaf bidaf-ensemble bidirectional-language-model bimpm
        composed_seq2seq constituency_parser copynet_seq2seq coref crf_tagger
        decomposable_attention dialog_qa esim graph_parser language_model masked_language_model
        naqanet next_token_lm nlvr2 nlvr2_from_huggingface qanet rc-qanet simple_seq2seq
        sp-graph-parser srl srl_bert t5 transformer_classification_tt transformer_mc
        transformer_mc_tt transformer_qa ve_vilbert ve_vilbert_from_huggingface vilbert_ir
        vilbert_ir_from_huggingface vision_model vqa_vilbert vqa_vilbert_from_huggingface""",
    Head: "nlvr2 visual_entailment vqa",
    Metric: "conll_coref_scores drop mention_recall squad srl_eval vqa",
    Predictor: """biaffine_dependency_parser constituency_parser coreference_resolution dialog_qa
        masked_language_model next_token_lm nlvr2 open_information_extraction
        reading_comprehension semantic_role_labeling seq2seq textual_entailment transformer_mc
        transformer_qa vilbert_ve vilbert_vqa""",
    TokenEmbedder: "bidirectional_lm_token_embedder language_model_token_embedder",
}


@pytest.mark.parametrize("kind", TAKEN, ids=lambda kind: kind.__name__)
def test_no_name_of_allennlp_models(kind):
    ours = {
        name
        for name, (found, _) in Registrable._registry[kind].items()
        if found.__module__.startswith("allennlp_heads.")
    }
    assert not ours & set(TAKEN[kind].split())
