"""llama.cpp, whose own server runs in this process."""
