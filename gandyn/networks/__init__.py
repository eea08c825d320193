"""Architectures: pure functions of weights and inputs, stacked over seeds."""
