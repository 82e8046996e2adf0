"""What may be chosen about the probes of heads."""

from dataclasses import asdict, dataclass, fields
from typing import Any, Optional, get_type_hints

from allennlp.common import FromParams, Params
from allennlp.common.checks import ConfigurationError

from allennlp_heads.analysis.probing.arcs import DIRECTIONS
from allennlp_heads.collect.probing.types import check_type

CENTROID_KINDS = ("tagger", "span_ner", "constituency")
"""Probes that ask which class's mean a head's context is nearest to."""
ARC_KINDS = ("dependency", "srl")
"""Probes that ask where a head's attention is highest."""
KINDS = CENTROID_KINDS + ARC_KINDS
"""Of probes, called as the task heads that learn the same."""
SPAN_WORDS = ("any", "first", "last", "head")
PHRASES = ("lowest", "all")

_CHOICES = {
    "kind": (None, *KINDS),
    "direction": DIRECTIONS,
    "span_words": SPAN_WORDS,
    "phrases": PHRASES,
}
_SMALLEST = {
    **{"folds": 3, "sentences": 1, "draws": 1, "batch_size": 1, "max_offset": 1},
    **{"random_weights": 0, "examples": 0, "rare": 0, "seed": 0},
}
_LARGEST = {"max_offset": 100}
"""Every offset is tried on every item."""


@dataclass(frozen=True)
class ProbeOptions(FromParams):
    """
    The defaults are those of the first seed's probes (spec, section 5) but for `held_out`: the seed
    took centroids, best heads and scores from the same sentences.

    # Parameters

    kind : `str`, optional (default = `None`)
        `"tagger"`, `"span_ner"` and `"constituency"` (nearest centroid of a head's contexts),
        `"dependency"` and `"srl"` (where a head's attention is highest). By default what the fields
        of the data say; tags in a BIO scheme are probed as entities only with `"span_ner"`.
    direction : `str`, optional (default = `"either"`)
        Of arcs: `"to_head"` (the dependent's attention is highest on its head; the argument's on
        its predicate), `"to_dependent"`, or `"either"` of them.
    diagonal : `bool`, optional (default = `True`)
        Whether a word's attention to itself counts; if it is highest, the word points at no other.
    span_words : `str`, optional (default = `"any"`)
        Which words of an argument must point or be pointed at: `"any"`, `"first"`, `"last"`, or its
        `"head"` in the tree that `head_words` has.
    head_words : `str`, optional (default = `None`)
        A path (file, folder or pattern) of `.conllu` files with the same sentences.
    phrases : `str`, optional (default = `"lowest"`)
        `"lowest"`: constituents whose children are all parts of speech, by their labels. `"all"`:
        every constituent, by label and height (`NP-3`: a lowest phrase).
    held_out : `bool`, optional (default = `True`)
        `False`: centroids, best heads and scores all come from the sentences to score, as in the
        seed; reports call it transductive.
    folds : `int`, optional (default = `5`)
        Of cross-fitting, where there is one file: each fold is scored once, with heads chosen on
        the next one and centroids of the others.
    sentences : `int`, optional (default = `None`)
        At most so many sentences for centroids, as many for the choice, as many for the score (or,
        with one file, of that file), drawn at random; by default all.
    control : `bool`, optional (default = `True`)
        Also probe random labels, one for each word form (Hewitt and Liang, 2019).
    random_weights : `int`, optional (default = `1`)
        How many copies of the encoder with random weights to probe beside it. Each costs as much as
        the encoder itself.
    statistics : `bool`, optional (default = `None`)
        Also describe each head's attention: entropy, offsets, share on special tokens, distance to
        gold. By default only where attention is recorded anyway, for arcs; with centroids it makes
        the encoder compute weights that it otherwise never writes down.
    trees : `bool`, optional (default = `True`)
        Also score the best tree of the head that attaches words best. Dependencies only.
    examples : `int`, optional (default = `8`)
        Of so many scored sentences (the first of the file that have at most 40 words) also keep
        which word every head looks at most, to draw it. Only where attention is recorded anyway.
    rare : `int`, optional (default = `20`)
        Labels with fewer scored items are marked.
    draws : `int`, optional (default = `1000`)
        Of the bootstrap.
    seed : `int`, optional (default = `0`)
        Of all draws.
    batch_size : `int`, optional (default = `32`)
        No result depends on it.
    max_offset : `int`, optional (default = `10`)
        The largest distance in words that the baseline of fixed offsets tries; at most 100.

    Raises `ConfigurationError` for unknown names, and for values of other types, out of range or
    that do not go together.
    """

    kind: Optional[str] = None
    direction: str = "either"
    diagonal: bool = True
    span_words: str = "any"
    head_words: Optional[str] = None
    phrases: str = "lowest"
    held_out: bool = True
    folds: int = 5
    sentences: Optional[int] = None
    control: bool = True
    random_weights: int = 1
    statistics: Optional[bool] = None
    trees: bool = True
    examples: int = 8
    rare: int = 20
    draws: int = 1000
    seed: int = 0
    batch_size: int = 32
    max_offset: int = 10

    def __post_init__(self) -> None:
        for name, hint in get_type_hints(type(self)).items():
            check_type(name, getattr(self, name), hint)
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in allowed:
                named = ", ".join(str(choice) for choice in allowed if choice is not None)
                raise ConfigurationError(
                    f"'{name}' is {getattr(self, name)!r}: choose one of {named}"
                )
        for name, smallest in _SMALLEST.items():
            number = getattr(self, name)
            if number is not None and number < smallest:
                raise ConfigurationError(f"'{name}' is {number}: give at least {smallest}")
        for name, largest in _LARGEST.items():
            if getattr(self, name) > largest:
                raise ConfigurationError(
                    f"'{name}' is {getattr(self, name)}: give at most {largest}"
                )
        if (self.span_words == "head") != (self.head_words is not None):
            raise ConfigurationError(
                "'head_words' (a path of .conllu files) and 'span_words': \"head\" need each "
                "other: give both or neither"
            )

    @classmethod
    def from_params(cls, params: Params, **extras: Any) -> "ProbeOptions":  # type: ignore[override]
        """Without AllenNLP's conversions, which take `true` for a number."""
        given = params.as_dict(quiet=True)
        unknown = sorted(set(given) - set(cls.names()))
        if unknown:
            raise ConfigurationError(
                f"there are no options {', '.join(unknown)}: those of probes are "
                f"{', '.join(cls.names())}"
            )
        return cls(**given)

    @classmethod
    def names(cls) -> tuple[str, ...]:
        """Of all options."""
        return tuple(field.name for field in fields(cls))

    def records_attention(self, kind: str) -> bool:
        """Whether a probe of this kind looks at attention weights."""
        return kind in ARC_KINDS or bool(self.statistics)

    def describes_heads(self, kind: str) -> bool:
        """Whether a probe of this kind adds statistics of each head's attention."""
        return kind in ARC_KINDS if self.statistics is None else self.statistics

    def as_dict(self) -> dict[str, Any]:
        """All options by name."""
        return asdict(self)

    def changed(self) -> dict[str, Any]:
        """Those that are not as by default."""
        return {
            field.name: getattr(self, field.name)
            for field in fields(self)
            if getattr(self, field.name) != field.default
        }
