"""Where things go in a picture."""
