"""`python -m backend.cli` is the same as `slipway`."""

from backend.cli.app import main

if __name__ == "__main__":
    main()
