"""Layers in modules.json of sentence-transformers, and those that are supported."""

_OURS = "sentence_transformers."

# After a transformer that computes embeddings.
EMBEDDING_LAYERS = frozenset(
    {"Transformer", "Pooling", "Dense", "LayerNorm", "Normalize", "Dropout"}
)
# For a transformer that scores pairs of texts.
SCORING_LAYERS = frozenset({"Transformer"})


def kind_of(reference: str) -> str:
    """`Pooling` for a class of sentence-transformers; the full name for any other class."""
    return reference.rsplit(".", 1)[-1] if reference.startswith(_OURS) else reference
