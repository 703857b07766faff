"""The API as clients see it: one file a resource, through HTTP only."""
