"""Adapters to other people's tools: one file each, imported only by whoever uses that tool."""
