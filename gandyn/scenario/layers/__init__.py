"""Layers that can be explained in a picture, one family a file: their numbers are torch's."""
