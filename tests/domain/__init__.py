"""Plain tables and words: tests that need neither database nor HTTP."""
