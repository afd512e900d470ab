"""Adapters for text embeddings, similarity and ranking."""
