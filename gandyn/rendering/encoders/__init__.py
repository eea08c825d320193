"""Frames in, a file out."""
