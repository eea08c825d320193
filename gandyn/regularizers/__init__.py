"""Penalties on the discriminator, and projections of its weights."""
