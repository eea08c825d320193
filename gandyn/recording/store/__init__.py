"""Recordings on disk, written and read without torch."""
