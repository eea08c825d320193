"""What the commands do: gather, train, draw, and tell."""
