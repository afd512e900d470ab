"""Methods of huggingface_hub.InferenceClient without a case, and the reason."""

# Method to task; a test fails as soon as one of these tasks is served, until it has a case.
NOT_YET = {
    "audio_to_audio": "audio-to-audio",
    "tabular_classification": "tabular-classification",
}

# The client rejects these with a URL, or they send no request.
NEVER = {
    "close": "ends the client",
    "image_to_video": "not for a URL",
    "tabular_regression": "not for a URL",
    "text_to_video": "not for a URL",
}
