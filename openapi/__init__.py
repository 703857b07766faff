"""The contract as documents: OpenAPI 3.1 and 3.0 made from the code, their prose and their examples."""
