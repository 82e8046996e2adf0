"""Which task helps which, and what predicts it: runs, records, page and pictures."""
