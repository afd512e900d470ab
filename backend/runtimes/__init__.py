"""Where model servers run."""
