"""Recordings: what is measured at every step, and how it is kept on disk."""
