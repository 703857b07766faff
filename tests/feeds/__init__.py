"""The event feed and those who follow it."""
