"""Optimizers: how a player moves along its gradient, one rule a file."""
