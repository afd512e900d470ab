"""What OpenAI's API has, under /v1: requests and answers as its clients write and read them."""
