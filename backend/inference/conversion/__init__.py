"""The conversion worker: turns pickle weights into safetensors in a sealed process."""
