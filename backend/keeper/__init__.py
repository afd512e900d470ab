"""The keeper (supervisor) owns every listening socket and is the parent of every model server.

Standard library only, one thread, no secrets. It imports nothing else of Slipway and has no policy.
"""
