from allennlp_heads.data import (
    data_loaders,
    dataset_readers,
    fields,
    token_indexers,
    tokenizers,
)

__all__ = ["data_loaders", "dataset_readers", "fields", "token_indexers", "tokenizers"]
