"""Scenarios: what to train and how to draw it, read from YAML; and the work the command line does with them."""
