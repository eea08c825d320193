"""Games: who plays, and what each player minimises."""
