"""When an input enters the model, and with which others: admission, groups, model threads."""
