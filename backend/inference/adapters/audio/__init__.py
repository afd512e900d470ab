"""Adapters for speech recognition, text-to-speech and audio classification."""
