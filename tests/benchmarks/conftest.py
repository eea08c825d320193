"""The script written by hand is run, not imported."""

collect_ignore = ["by_hand.py"]
