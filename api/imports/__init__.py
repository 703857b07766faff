"""Bulk data in: files of records read line by line, checked as every write is, and written in batches."""
