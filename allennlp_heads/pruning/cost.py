"""What the removal of heads can save, counted before anything is timed."""

from typing import Any

from allennlp_heads.analysis import expected_speedup, multiply_adds
from allennlp_heads.modules import GatedEncoder
from allennlp_heads.pruning.measure import tokens_of


def expected_cost(before: GatedEncoder, after: GatedEncoder) -> dict[str, Any]:
    """
    Multiply-adds of one sequence before and after, and the speed-up if only they took time.

    # Returns

    `Dict[str, Any]`
        `tokens`, `multiply_adds` (`before`, `after`), their `share`, `expected_speedup`,
        `speedup_without_heads`, which no removal of heads exceeds, and
        `attention_projections_share`: the share of all multiply-adds, before, that belong to the
        projections of attention.
    """
    config = before.config
    hidden, tokens = before.get_output_dim(), tokens_of(before)
    sizes = (hidden, _intermediate(config, hidden), before.tap.head_dim, tokens)
    full, pruned = multiply_adds(before.heads, *sizes), multiply_adds(after.heads, *sizes)
    return {
        "tokens": tokens,
        "multiply_adds": {"before": full.total, "after": pruned.total},
        "share": pruned.total / full.total,
        "expected_speedup": expected_speedup(full, pruned),
        "speedup_without_heads": full.total / full.feed_forward,
        "attention_projections_share": full.attention_projections / full.total,
    }


def _intermediate(config: Any, hidden: int) -> int:
    """The width of the feed-forward layers, as two projections would have it."""
    names = ("intermediate_size", "hidden_dim", "n_inner")
    given = (getattr(config, name, None) for name in names)
    width = next((int(size) for size in given if size), 4 * hidden)
    # the gated layers of ModernBERT have three projections
    return width * 3 // 2 if config.model_type == "modernbert" else width
