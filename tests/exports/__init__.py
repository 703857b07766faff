"""Records taken out in bulk: rows, formats, and what the columns mean."""
