"""Pairs of losses, and the discriminators they make optimal."""
