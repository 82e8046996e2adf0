"""Half of the heads removed: learned gates against random heads and the largest weights."""
