"""Surfaces that are drawn on, the painter that draws marks, and type."""
