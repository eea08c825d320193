"""What is to be learnt, and what the generator is fed."""
