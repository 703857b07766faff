"""Sandboxes: apart from everything real and from each other, and whole in themselves."""
