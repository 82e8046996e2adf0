"""What the tables of trained runs share: budgets, commands, records, and how they are shown."""
