"""Views: how samples of many coordinates are looked at."""
