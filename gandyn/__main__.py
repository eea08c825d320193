"""`python -m gandyn` is the command `gandyn`."""

from gandyn.cli import app

if __name__ == "__main__":
    app(prog_name="gandyn")
