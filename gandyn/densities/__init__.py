"""Densities on grids: the exact pushforward, and estimates where it is out of reach."""
