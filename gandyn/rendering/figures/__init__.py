"""Whole pictures: animations, stories, figures for papers, comparisons."""
