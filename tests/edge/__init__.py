"""The edge of the service: what every call meets before and after its operation."""
