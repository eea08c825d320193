"""Distances between densities, and coverage of modes."""
