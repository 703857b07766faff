"""Safe retries: POSTs with a key, upsert by source, conditional create."""
