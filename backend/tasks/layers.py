"""The layers that modules.json of sentence-transformers names, and those that are served."""

_OURS = "sentence_transformers."

# Behind a transformer that makes vectors.
OF_VECTORS = frozenset({"Transformer", "Pooling", "Dense", "LayerNorm", "Normalize", "Dropout"})
# Around one that scores pairs of texts.
OF_SCORES = frozenset({"Transformer"})


def kind_of(reference: str) -> str:
    """`Pooling`, for a class of sentence-transformers itself; the whole name for any other."""
    return reference.rsplit(".", 1)[-1] if reference.startswith(_OURS) else reference
