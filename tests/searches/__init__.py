"""Saved searches: kept, followed, and told of by mail."""
