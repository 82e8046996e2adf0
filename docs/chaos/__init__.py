"""Runs under fire: the faults that were tried, and a grid that was killed."""
