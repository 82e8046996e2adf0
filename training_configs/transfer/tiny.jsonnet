// Four tasks and some updates each, to see that everything runs: minutes, and numbers that say nothing.
local transfer = import '../lib/transfer.libsonnet';

local recipe = { updates: 4, batch_size: 8, encoder_lr: 1e-4, head_lr: 1e-3 };

transfer {
  between: ['sst2', 'squad', 'parent', 'chunk'],
  windows: { max_length: 128, stride: 48 },
  limited: 24,
  restarts: 2,
  dev_examples: 16,
  curve_points: 2,
  recipes: { classification: recipe, questions: recipe, labelling: recipe },
  embeddings: { examples: 16 },
}
