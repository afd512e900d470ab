"""Tiny random models in the file layouts of sentence-transformers, saved by the library itself.

`python -m tests.fakes.sentence_models DIR [NAME …]` writes them below DIR/acme and prints the
library's embeddings of those that can be served, as JSON.
"""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer, SparseEncoder
from sentence_transformers.base.modules import Router
from sentence_transformers.sentence_transformer import modules
from sentence_transformers.sparse_encoder import modules as sparse

from tests.fakes import word_models
from tests.fakes.module_folders import move_first
from tests.fakes.tiny_models import image_text, text
from tests.fakes.tiny_models.tokenizers import bert_tokenizer

OWNER = "acme"
TEXTS = (
    "maria found the museum in kyoto wonderful on day 7.",
    "the film was boring",
    "once upon a time",
)
WIDTH = 32


def transformer(folder: Path, kind: str = "BertModel", **more: Any) -> modules.Transformer:
    """A small BERT as first module."""
    return modules.Transformer(
        str(text.bert(folder.with_name(f"{folder.name}_base"), kind)), **more
    )


def static(seed: int = 0) -> modules.StaticEmbedding:
    """Random vectors for the words of the small BERT."""
    torch.manual_seed(seed)
    tokenizer = bert_tokenizer()
    return modules.StaticEmbedding(tokenizer, embedding_weights=torch.randn(len(tokenizer), WIDTH))


def dense(folder: Path, *parts: Any, **more: Any) -> None:
    """Save a SentenceTransformer."""
    SentenceTransformer(modules=list(parts), device="cpu", **more).save(
        str(folder), create_model_card=False
    )


def save_sparse(folder: Path, *parts: Any, **more: Any) -> None:
    """Save a SparseEncoder."""
    SparseEncoder(modules=list(parts), device="cpu", **more).save(
        str(folder), create_model_card=False
    )


def mean(folder: Path) -> None:
    """The most common layout, with prompts."""
    prompts = {"query": "the film in kyoto : ", "document": "museum : "}
    dense(folder, transformer(folder), modules.Pooling(WIDTH), modules.Normalize(), prompts=prompts)


def token_dense(folder: Path) -> None:
    """A dense layer before the pooling."""
    torch.manual_seed(3)
    layer = modules.Dense(WIDTH, 16, module_input_name="token_embeddings")
    dense(folder, transformer(folder), layer, modules.Pooling(16, ("mean", "max")))


def subfolder(folder: Path) -> None:
    """An older layout: the transformer in a folder of its own."""
    mean(folder)
    move_first(folder, "0_Transformer")


def subfolder_pickle(folder: Path) -> None:
    """The same with pickle files, also of a dense layer."""
    torch.manual_seed(17)
    dense(folder, transformer(folder), modules.Pooling(WIDTH), modules.Dense(WIDTH, 8))
    for inner in (move_first(folder, "0_Transformer"), folder / "2_Dense"):
        torch.save(load_file(inner / "model.safetensors"), inner / "pytorch_model.bin")
        (inner / "model.safetensors").unlink()


def clip(folder: Path) -> None:
    """Texts of a model of images and texts, in the layout of the CLIP models of the library."""
    base = folder.with_name(f"{folder.name}_base")
    base.mkdir()
    image_text.clip(base, 77)
    dense(folder, modules.CLIPModel(str(base)))
    move_first(folder, "0_CLIPModel")
    (folder / "hub.json").write_text('{"pipeline_tag": "sentence-similarity"}')


def static_words(folder: Path) -> None:
    """StaticEmbedding, with a normalization after it."""
    dense(folder, static(), modules.Normalize(), truncate_dim=24)


def static_folder(folder: Path) -> None:
    """StaticEmbedding in a folder of its own, without any file of a model in the top folder."""
    static_words(folder)
    move_first(folder, "0_StaticEmbedding")


def model2vec(folder: Path) -> None:
    """The layout of model2vec, with a vocabulary of fewer vectors than tokens."""
    static_words(folder)
    count = len(bert_tokenizer())
    torch.manual_seed(5)
    tensors = {
        "embeddings": torch.randn(7, WIDTH), "mapping": torch.arange(count) % 7,
        "weights": torch.rand(count),
    }  # fmt: skip
    save_file(tensors, folder / "model.safetensors")
    config = {"model_type": "model2vec", "architectures": ["StaticModel"], "normalize": True}
    (folder / "config.json").write_text(json.dumps(config))
    layers = json.loads((folder / "modules.json").read_text())
    layers[0]["path"] = "."
    (folder / "modules.json").write_text(json.dumps(layers))


def router(folder: Path) -> None:
    """Word vectors for queries, a transformer for documents, and a normalization after both."""
    routes = Router.for_query_document([static()], [transformer(folder), modules.Pooling(WIDTH)])
    dense(folder, routes, modules.Normalize(), prompts={"query": "film "})


def asym(folder: Path) -> None:
    """The older Asym, after the pooling, without a default route."""
    torch.manual_seed(11)
    routes: dict[str, list[Any]] = {name: [modules.Dense(WIDTH, 8)] for name in ("query", "doc")}
    layer = Router(routes, allow_empty_key=False)
    dense(folder, transformer(folder), modules.Pooling(WIDTH), layer)


def splade(folder: Path) -> None:
    """A masked language model with SPLADE pooling."""
    save_sparse(folder, transformer(folder, "BertForMaskedLM", transformer_task="fill-mask"),
                sparse.SpladePooling("max"))  # fmt: skip


def splade_old(folder: Path) -> None:
    """The names of earlier versions, with a limit of active dimensions."""
    save_sparse(
        folder, transformer(folder, "BertForMaskedLM", transformer_task="fill-mask"),
        sparse.SpladePooling("sum", activation_function="log1p_relu"), max_active_dims=12,
    )  # fmt: skip
    layers = json.loads((folder / "modules.json").read_text())
    layers[0]["type"] = "sentence_transformers.sparse_encoder.models.MLMTransformer"
    layers[1]["type"] = "sentence_transformers.sparse_encoder.models.SpladePooling"
    (folder / "modules.json").write_text(json.dumps(layers))
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 60}')


def inference_free(folder: Path) -> None:
    """Queries without a model: a weight for each token; documents with SPLADE."""
    tokenizer: Any = bert_tokenizer()
    torch.manual_seed(9)
    query = sparse.SparseStaticEmbedding(tokenizer, weight=torch.rand(len(tokenizer)))
    document = transformer(folder, "BertForMaskedLM", transformer_task="fill-mask")
    save_sparse(folder, Router.for_query_document([query], [document, sparse.SpladePooling("max")]))


def autoencoder(folder: Path) -> None:
    """Sparse features of an embedding."""
    torch.manual_seed(13)
    layer = sparse.SparseAutoEncoder(WIDTH, hidden_dim=64, k=6, k_aux=8, normalize=True)
    torch.nn.init.normal_(layer.pre_bias)
    torch.nn.init.normal_(layer.latent_bias)
    save_sparse(folder, transformer(folder), modules.Pooling(WIDTH), layer)


def layer_pooling(folder: Path) -> None:
    """The weighted mean of the last two of three hidden states."""
    first = transformer(folder, config_kwargs={"output_hidden_states": True})
    layer = modules.WeightedLayerPooling(WIDTH, num_hidden_layers=2, layer_start=1)
    layer.layer_weights.data = torch.tensor([3.0, 0.5])
    dense(folder, first, layer, modules.Pooling(WIDTH))


SHAPES: dict[str, Callable[[Path], None]] = {
    "mean": mean, "token_dense": token_dense, "subfolder": subfolder,
    "subfolder_pickle": subfolder_pickle, "clip": clip,
    "static_words": static_words, "static_folder": static_folder, "model2vec": model2vec,
    "router": router, "asym": asym,
    "splade": splade, "splade_old": splade_old, "inference_free": inference_free,
    "autoencoder": autoencoder, "layer_pooling": layer_pooling, **word_models.SHAPES,
}  # fmt: skip
SPARSE = ("splade", "splade_old", "inference_free", "autoencoder")


def setfit(folder: Path) -> None:
    """A SetFit model; reading its classifier as a pickle would fail."""
    mean(folder)
    (folder / "model_head.pkl").write_bytes(b"no pickle")
    (folder / "config_setfit.json").write_text('{"labels": ["bad", "good"]}')
    (folder / "hub.json").write_text(json.dumps(
        {"pipeline_tag": "text-classification", "library_name": "setfit"}
    ))  # fmt: skip


def retyped(folder: Path, place: int, kind: str, **settings: object) -> None:
    """The usual layout with another class for one module, and changed settings of the model."""
    mean(folder)
    layers = json.loads((folder / "modules.json").read_text())
    layers[place]["type"] = kind
    (folder / "modules.json").write_text(json.dumps(layers))
    path = folder / "config_sentence_transformers.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | settings))


def repository_module(folder: Path) -> None:
    """A module that is code of the repository."""
    retyped(folder, 0, "custom_st.Transformer")
    (folder / "custom_st.py").write_text('raise RuntimeError("code of the repository ran")')


REJECTED: dict[str, Callable[[Path], None]] = {
    "setfit": setfit, "phrases": word_models.phrases, "repository_module": repository_module,
}  # fmt: skip


def outputs(folder: Path) -> dict[str, list[list[float]]]:
    """Embeddings of TEXTS by the library: without a task where it has a default, and for each."""
    kind: Any = SparseEncoder if folder.name in SPARSE else SentenceTransformer
    model = kind(str(folder), device="cpu", local_files_only=True)
    dense_only = {"convert_to_sparse_tensor": False} if kind is SparseEncoder else {}
    tasks: dict[str, Callable[..., Any]] = {"query": model.encode_query}
    if folder.name == "asym":
        tasks["doc"] = lambda given, **more: model.encode(given, task="doc", **more)
    elif folder.name == "wrapped_words":
        # Its tokenizer takes no task in the library; without prompts, a query is a plain text.
        tasks = dict.fromkeys(("query", ""), model.encode)
    else:
        tasks |= {"document": model.encode_document, "": model.encode}
    found = {task: encode(list(TEXTS), **dense_only) for task, encode in tasks.items()}
    return {task: np.asarray(made).tolist() for task, made in found.items()}


def main(root: Path, names: list[str]) -> None:
    """Build those of `names`, or all; print the references."""
    references: dict[str, Any] = {}
    for name, build in (SHAPES | REJECTED).items():
        if names and name not in names:
            continue
        folder = root / OWNER / name
        folder.parent.mkdir(parents=True, exist_ok=True)
        build(folder)
        if name in SHAPES:
            references[name] = outputs(folder)
        shutil.rmtree(folder.with_name(f"{name}_base"), ignore_errors=True)
    print(json.dumps(references))


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
