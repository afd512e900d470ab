"""The phases of the set-up, one file each. Standard library only: nothing is installed yet."""
