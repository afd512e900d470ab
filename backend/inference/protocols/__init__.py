"""Addresses beside /predict, for clients that speak other formats; each is one small file."""
