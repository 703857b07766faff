"""Moves that are more than one record's own affair."""
