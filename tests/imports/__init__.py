"""Bulk data in: files over HTTP, and the runner that takes them in."""
