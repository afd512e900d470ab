"""The parts of the bench; each can run alone."""
