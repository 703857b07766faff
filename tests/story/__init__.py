"""The whole journey, told over HTTP."""
