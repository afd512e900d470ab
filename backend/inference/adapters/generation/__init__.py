"""Adapters that write texts, and what all that write share."""
