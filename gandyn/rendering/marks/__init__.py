"""Marks: what is drawn, as plain data."""
