"""The phases of the setup, one file each. Standard library only: nothing is installed yet."""
