from allennlp_heads.data.dataset_readers.bio_columns import BioColumnsReader
from allennlp_heads.data.dataset_readers.bracketed_trees import BracketedTreesReader
from allennlp_heads.data.dataset_readers.conllu import ConlluReader
from allennlp_heads.data.dataset_readers.multitask import MultiTaskHeadsReader, TaskReader
from allennlp_heads.data.dataset_readers.ontonotes import OntonotesReader

__all__ = [
    "BioColumnsReader",
    "ConlluReader",
    "MultiTaskHeadsReader",
    "OntonotesReader",
    "BracketedTreesReader",
    "TaskReader",
]
