"""Pages, and the scripts that write the page of results."""
