"""The starters (models included in Slipway), their list, and a list of popular Hub models."""
