"""Open data, checked by the tools that its readers check it by."""
