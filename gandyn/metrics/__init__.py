"""How good generated digits are, through the eyes of a small classifier."""
