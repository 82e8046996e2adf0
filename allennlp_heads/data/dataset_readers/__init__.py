from allennlp_heads.data.dataset_readers.conllu import ConlluReader
from allennlp_heads.data.dataset_readers.multitask import MultiTaskHeadsReader, TaskReader

__all__ = ["ConlluReader", "MultiTaskHeadsReader", "TaskReader"]
