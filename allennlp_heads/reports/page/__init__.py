"""One HTML page about one run or several, made from the files that other commands wrote."""
