"""The keeper holds every deployment's listening socket and is the parent of every model server.

Standard library only, one thread, no secrets; it imports nothing of ours and decides nothing.
"""
