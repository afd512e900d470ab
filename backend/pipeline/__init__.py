"""The six steps, their order, and the runner and supervisor of deployments."""
