"""The layers that modules.json of sentence-transformers names, and those that are served."""

_OURS = "sentence_transformers."

# Behind a transformer that makes vectors.
EMBEDDING_LAYERS = frozenset(
    {"Transformer", "Pooling", "Dense", "LayerNorm", "Normalize", "Dropout"}
)
# Around one that scores pairs of texts.
SCORING_LAYERS = frozenset({"Transformer"})


def kind_of(reference: str) -> str:
    """`Pooling`, for a class of sentence-transformers itself; the whole name for any other."""
    return reference.rsplit(".", 1)[-1] if reference.startswith(_OURS) else reference
