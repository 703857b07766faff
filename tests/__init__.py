"""What the service promises, tried from the outside."""
