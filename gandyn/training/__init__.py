"""Training: batches, the loop, moving averages, and the machine it runs on."""
