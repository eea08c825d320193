"""What everything stands on: the catalogue, errors and messages, files and locks, threads and compiled loops."""
