"""The gallery: every scenario of a folder drawn, and pages that show them."""
