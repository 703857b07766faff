"""The rules of the field as plain tables: who may do what, which step leads where, what a refusal is called."""
