"""``python -m socialmerge`` is the command ``socialmerge``."""

from socialmerge.cli import main

if __name__ == "__main__":
    main()
