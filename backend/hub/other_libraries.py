"""Models of other libraries, told by the files that their `save` writes, or by `library_name`.

They are rejected by the name of their library, where their weights alone could look like those of
transformers.
"""

from collections.abc import Collection

# Files that only one library writes, at the root of a repository.
_FILES = {
    "gliner_config.json": "GLiNER", "config.cfg": "spaCy", "hyperparams.yaml": "SpeechBrain",
    "open_clip_config.json": "OpenCLIP",
    "diffusion_pytorch_model.safetensors": "diffusers (a part of a pipeline)",
    "saved_model.pb": "TensorFlow", "keras_metadata.pb": "Keras", "vocabulary.txt": "CTranslate2",
    "word_embeddings.npz": "model2vec", "learned_embeds.safetensors": "diffusers (an embedding)",
}  # fmt: skip
_ENDINGS = {
    ".nemo": "NeMo", ".skops": "scikit-learn", ".joblib": "scikit-learn", ".keras": "Keras",
    ".ftz": "fastText", ".pdparams": "PaddlePaddle",
}  # fmt: skip
# Names of the Hub for libraries whose models transformers cannot load.
_NAMES = {
    "gliner": "GLiNER", "spacy": "spaCy", "nemo": "NeMo", "speechbrain": "SpeechBrain",
    "pyannote-audio": "pyannote.audio", "espnet": "ESPnet", "open_clip": "OpenCLIP",
    "ultralytics": "Ultralytics", "sklearn": "scikit-learn", "keras": "Keras",
    "tf-keras": "Keras", "fasttext": "fastText", "flair": "Flair", "stanza": "Stanza",
    "stable-baselines3": "Stable-Baselines3", "span-marker": "SpanMarker",
    "bertopic": "BERTopic", "fastai": "fastai", "asteroid": "Asteroid", "paddlenlp": "PaddleNLP",
    "ctranslate2": "CTranslate2", "mlx": "MLX", "allennlp": "AllenNLP", "kokoro": "Kokoro",
    "f5-tts": "F5-TTS", "audiocraft": "AudioCraft", "birefnet": "BiRefNet",
}  # fmt: skip


# Libraries whose repositories have files that are read here.
_READ = frozenset(
    {"transformers", "sentence-transformers", "setfit", "peft", "diffusers", "transformers.js",
     "gguf", "llama.cpp", "llama-cpp-python", "onnx", "timm"}
)  # fmt: skip


def other_library(paths: Collection[str], library: str | None) -> str | None:
    """The library of a repository without a config.json of transformers, or None if unknown."""
    if library and library not in _READ:
        return _NAMES.get(library, library[:60])
    top = [path for path in paths if "/" not in path]
    named = next((_FILES[path] for path in sorted(top) if path in _FILES), None)
    if named:
        return named
    endings = {"." + path.rsplit(".", 1)[-1] for path in top if "." in path}
    return next((title for ending, title in _ENDINGS.items() if ending in endings), None)
