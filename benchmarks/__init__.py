"""The bench: one harness that measures Slipway against the limits of the machine and peers."""
