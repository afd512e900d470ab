"""A model of sentence-transformers: its modules, in the order in which they run."""

from pydantic import Field

from backend.domain.base import Value


class EmbeddingModule(Value):
    """One module, such as Pooling, with the settings of its folder."""

    kind: str = Field(
        description="Class of sentence-transformers, such as `Pooling`; for any other class its "
        "full name."
    )
    folder: str = Field(description="Folder in the repository; empty: the top folder.")
    settings: dict[str, object] = Field(default={}, description="Its configuration.")


class SentenceTransformersModel(Value):
    """What modules.json and the files that it refers to say.

    A model without a Router has one route, with an empty name. `tasks` has the route of each
    `input_type` that the files name.
    """

    kind: str = Field(
        default="SentenceTransformer",
        description="Class of the model: SentenceTransformer, SparseEncoder, CrossEncoder …",
    )
    routes: dict[str, list[EmbeddingModule]]
    default_route: str = ""
    tasks: dict[str, str] = Field(default={})
    settings: dict[str, object] = Field(
        default={}, description="Prompts and limits, from config_sentence_transformers.json."
    )

    @property
    def modules(self) -> list[EmbeddingModule]:
        """Each module once."""
        found = {(one.kind, one.folder): one for row in self.routes.values() for one in row}
        return list(found.values())

    @property
    def folders(self) -> set[str]:
        """Folders of the modules that read texts, with tokenizer and weights."""
        return {row[0].folder for row in self.routes.values()}

    @property
    def transformer(self) -> EmbeddingModule | None:
        """The first module whose config.json describes the model; of the default route if possible.

        None for models that consist of word vectors.
        """
        routes = [self.routes[self.default_route], *self.routes.values()]
        return next((row[0] for row in routes if row[0].kind not in WORD_MODULES), None)

    @property
    def is_sparse(self) -> bool:
        """Whether embeddings have one dimension for each token of a vocabulary, most of them 0."""
        return any(one.kind in SPARSE_MODULES for one in self.modules)

    @property
    def is_scoring(self) -> bool:
        """Whether it scores pairs of texts."""
        return self.kind == "CrossEncoder"


# CLIPModel and MLMTransformer are older names of Transformer with other settings.
TRANSFORMERS = frozenset({"Transformer", "MLMTransformer", "CLIPModel"})
# Read texts without a transformer.
WORD_MODULES = frozenset({"StaticEmbedding", "SparseStaticEmbedding", "WordEmbeddings", "BoW"})
SPARSE_MODULES = frozenset({"SpladePooling", "SparseAutoEncoder", "SparseStaticEmbedding"})
