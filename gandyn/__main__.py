"""`python -m gandyn` is the command `gandyn`."""

from gandyn.cli import main

if __name__ == "__main__":
    main()
