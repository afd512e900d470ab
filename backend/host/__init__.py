"""Hardware facts of this machine, and estimates of a model's memory and speed."""
