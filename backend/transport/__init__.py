"""TCP as both processes use it: socket options, and answers that leave in one piece."""
