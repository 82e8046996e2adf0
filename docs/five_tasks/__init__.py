"""Five tasks alone, in pairs and all together: the runs, their records, and the table of them."""
