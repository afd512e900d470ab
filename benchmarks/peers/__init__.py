"""Peers: other servers of the same models. Each has a folder with its description and server."""
