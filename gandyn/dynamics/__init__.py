"""How the players move on the game's field: schedules and optimizers."""
