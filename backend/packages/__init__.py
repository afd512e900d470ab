"""Our own locked extras, and which of them a model needs."""
