"""Who somebody is: log-ins, tokens, clients, keys, and what opens no door."""
