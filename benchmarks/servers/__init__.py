"""Servers without a model, which measure the HTTP layer alone."""
