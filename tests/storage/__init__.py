"""Tables and documents in both engines: migrations, durability, concurrent writers."""
