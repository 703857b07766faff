"""The house: its floors, its sizes, one fact in one place."""
