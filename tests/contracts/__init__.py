"""Laws that every concrete part must pass, over the rows of a table."""
