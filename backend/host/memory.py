"""Estimate the memory of a model server from facts, before anything is downloaded.

Weights at the selected dtype + the process itself + KV cache and activations of one long input; or
the conversion of pickle weights before, if that needs more. Compared with measured processes in
tests/integration/test_memory_estimate.py.
"""

from typing import cast

from backend.domain.gguf import GgufModel
from backend.domain.model import ModelFacts
from backend.tasks.diffusion import most_pixels
from backend.tasks.document_question_answering import NAME as DOCUMENT_QUESTIONS
from backend.tasks.document_question_answering import WITH_WORDS
from backend.tasks.language_adapters import language_of
from backend.tasks.word_rules import vocabularies

# A server with a model of a few kB: interpreter, torch, transformers, web server (measured).
PROCESS_BYTES = 440_000_000
# The conversion worker with mapped weights (measured).
CONVERSION_BYTES = 400_000_000
_DTYPE_BYTES = {"float64": 8, "float32": 4, "bfloat16": 2, "float16": 2}
_GENERATION_TOKENS = 2048
_ENCODER_TOKENS = 512
_AUDIO_TOKENS = 1500
_SPARSE_TOKENS = 1024
# Live copies of one hidden state at the widest point of a layer, measured on BERT and Llama.
_STATES = 24
_BUFFERS = 1.02
# Copies in float32 of a PEFT adapter, and of its largest layer, while it is merged.
_ADAPTER_COPIES, _LAYER_COPIES = 2, 4
# Bytes for each byte of a file with words, and of one with words and their weights while it is read
# (measured: 400,000 words; 74 of 4.4 MB, 142 of 16.5 MB).
_WORD_COPIES, _WEIGHTED_COPIES = 17, 9
_ONNX_FILE, _ONNX_DATA = 1.55, 1.05
# A server without torch: interpreter, llama.cpp, web server (measured).
LLAMA_CPP_BYTES = 90_000_000
_PASS_TOKENS, _PASS_STATES, _GGUF_COPIES = 512, 12, 1.02
# Recognising the words of a dense page, 2000 pixels high (measured: RapidOCR, one thread).
_WORDS_BYTES = 1_000_000_000
# Live numbers per pixel while a diffusion model decodes its image, measured on Stable Diffusion's
# autoencoder, whose last blocks have 128 to 256 channels at the size of the image.
_PIXEL_STATES = 1024


def estimate_memory(model: ModelFacts, dtype: str, task: str) -> int:
    """Bytes that one server of this model needs with this dtype, also while it loads.

    transformers maps safetensors, and changes the dtype tensor by tensor: loading needs no more
    than serving (measured: 871 MB of float32 weights as bfloat16 take 554 MB of anonymous memory at
    the peak and afterwards). Of quantized weights that are unpacked, the files are in memory too
    meanwhile (measured: GPTQ, AWQ, FP8 and compressed-tensors, 200 million parameters).
    """
    if model.gguf:
        return _gguf_bytes(model.weight_bytes, model.gguf)
    wide = _DTYPE_BYTES.get(dtype, 4)
    weights = weight_bytes(model, dtype) * (_onnx_copies(model) if model.onnx else _BUFFERS)
    serving = (_token_cache(model.config, task) + _activations(model.config, task)) * wide
    serving += _vocabulary_bytes(model)
    side = model.config.get("image_side")
    if isinstance(side, int):
        serving = most_pixels(side) * _PIXEL_STATES * wide
    serving += model.weight_bytes if _is_unpacked(model) else 0
    serving += sum(file.bytes for file in model.files if language_of(file.path))
    serving += _word_bytes(model)
    if task == DOCUMENT_QUESTIONS and _reads_words(model):
        serving += _WORDS_BYTES
    used = int(PROCESS_BYTES + weights + max(serving, merging_bytes(model)))
    return max(used, conversion_bytes(model))


def _reads_words(model: ModelFacts) -> bool:
    return any(kind.startswith(WITH_WORDS) for kind in model.architectures)


def _gguf_bytes(weights: int, model: GgufModel) -> int:
    """Bytes of a server with llama.cpp: the mapped file, the key-value cache in float16, and the
    buffers of one pass, of which the logits and the hidden states are the largest."""
    cache = model.cache_elements * 2 * model.context_tokens
    buffers = 4 * _PASS_TOKENS * (model.vocabulary + _PASS_STATES * model.embedding)
    return int(LLAMA_CPP_BYTES + weights * _GGUF_COPIES + cache + buffers)


def _vocabulary_bytes(model: ModelFacts) -> int:
    """Bytes of the logits of a sparse encoder in one pass, with two copies in float32."""
    if model.modules is None or not model.modules.is_sparse or model.modules.transformer is None:
        return 0
    return 3 * 4 * _SPARSE_TOKENS * _number(model.config, ("vocab_size",), 30_000)


def _word_bytes(model: ModelFacts) -> int:
    """Bytes of the words of word-vector models, which are in a dict."""
    words = vocabularies(model.modules) if model.modules else {}
    return sum(
        file.bytes * (_WEIGHTED_COPIES if words[file.path] == "WordWeights" else _WORD_COPIES)
        for file in model.files
        if file.path in words
    )


def _onnx_copies(model: ModelFacts) -> float:
    """How often ONNX Runtime has the weights in memory at its peak, while it loads them.

    Measured on BERT with 347 MB of weights: 534 MB if they are in the ONNX file, which is parsed as
    a whole before its tensors are copied, and 357 MB if they are in a data file, which is mapped.
    """
    data = set(model.onnx.data) if model.onnx else set[str]()
    apart = sum(file.bytes for file in model.files if file.path in data)
    share = apart / max(model.weight_bytes, 1)
    return _ONNX_DATA * share + _ONNX_FILE * (1 - share)


def _is_unpacked(model: ModelFacts) -> bool:
    return model.quantization is not None and model.quantization.loads == "dequantized"


def conversion_bytes(model: ModelFacts) -> int:
    """Bytes that the conversion of pickle weights needs; 0 without pickle weights.

    It maps the zip files that torch writes since 1.6, and reads older files completely.
    """
    pickled = [one.pickle.unmapped_bytes for one in model.repositories if one.pickle]
    return CONVERSION_BYTES + max(pickled) if pickled else 0


def merging_bytes(model: ModelFacts) -> int:
    """Bytes that the merge of a PEFT adapter needs at its peak; 0 without an adapter.

    PEFT has the adapter twice in float32, read from its file and in its layers, and computes the
    change of one layer at a time, with copies in float32.
    """
    if model.base is None:
        return 0
    stored = _DTYPE_BYTES.get(model.weight_dtype or "", 4)
    adapter = (model.weight_bytes - model.base.weight_bytes) * 4 // min(stored, 4)
    hidden = _number(model.config, ("hidden_size", "n_embd", "d_model", "dim"), 768)
    wide = _number(model.config, ("intermediate_size", "n_inner", "d_ff", "hidden_dim"), 4 * hidden)
    return _ADAPTER_COPIES * adapter + _LAYER_COPIES * hidden * max(wide, hidden) * 4


def weight_bytes(model: ModelFacts, dtype: str) -> int:
    """Bytes of the weights when loaded with this dtype; word vectors are always float32."""
    if model.gguf:
        return model.weight_bytes
    has_words = model.modules is not None and model.modules.transformer is None
    wide = 4 if has_words else _DTYPE_BYTES.get(dtype, 4)
    if model.quantization and model.quantization.loads:
        return model.quantization.bytes_in_memory(wide)
    if model.parameters is not None:
        return model.parameters * wide
    stored = _DTYPE_BYTES.get(model.weight_dtype or "", 4)
    return model.weight_bytes * wide // stored


def _token_cache(config: dict[str, object], task: str) -> int:
    """Number of elements in the KV cache of one sequence."""
    if task != "text-generation":
        return 0
    layers = _number(config, ("num_hidden_layers", "n_layer"), 12)
    heads = _number(config, ("num_attention_heads", "n_head"), 12)
    hidden = _number(config, ("hidden_size", "n_embd", "d_model"), 768)
    kept = _number(config, ("num_key_value_heads",), heads)
    head = _number(config, ("head_dim",), hidden // max(heads, 1))
    return 2 * layers * kept * head * _tokens(config, task)


def _activations(config: dict[str, object], task: str) -> int:
    hidden = _number(config, ("hidden_size", "n_embd", "d_model", "dim"), 768)
    return _STATES * hidden * _tokens(config, task)


def _tokens(config: dict[str, object], task: str) -> int:
    if task == "image-classification":
        side = _number(config, ("image_size",), 224)
        return (side // max(_number(config, ("patch_size",), 16), 1)) ** 2 + 1
    if task == "audio-classification":
        return _AUDIO_TOKENS
    most = _GENERATION_TOKENS if task == "text-generation" else _ENCODER_TOKENS
    return min(_number(config, ("max_position_embeddings", "n_positions"), most), most)


def _number(config: dict[str, object], names: tuple[str, ...], default: int) -> int:
    """A positive integer of config.json or its `text_config`; the default if implausible."""
    inner = config.get("text_config")
    places = [config, cast("dict[str, object]", inner)] if isinstance(inner, dict) else [config]
    for place in places:
        for name in names:
            value = place.get(name)
            if type(value) is int and 0 < value < 1 << 24:
                return value
    return default
