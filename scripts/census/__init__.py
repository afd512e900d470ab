"""The census: facts of well-known repositories, and what Slipway's rules decide about each."""
