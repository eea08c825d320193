"""Snapshots: the players at a step, as probes ask about them."""
