"""Many trainings: named runs, what they need, and where they are done."""
