"""Who may see and do what: every operation × caller × record, and the proof that no rule can be broken unnoticed."""
