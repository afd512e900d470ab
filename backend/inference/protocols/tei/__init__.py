"""Routes of Text Embeddings Inference (TEI), after router/src/http of its repository."""
