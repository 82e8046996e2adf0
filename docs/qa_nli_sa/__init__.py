"""The table of answered questions beside classified texts: runs, records, page and picture."""
