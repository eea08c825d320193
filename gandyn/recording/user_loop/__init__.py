"""Anybody's own loop: its models, what goes into them and comes out of them, and how that is read."""
