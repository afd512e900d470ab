"""OpenAI's API under /v1: requests and responses in the format of its clients."""
