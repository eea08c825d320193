"""Probes: one measured quantity a file."""
