"""What huggingface_hub's InferenceClient can ask, and why some of it has no case here."""

# Method to task; a test fails as soon as one of these tasks is served, until it has a case.
NOT_YET = {
    "audio_to_audio": "audio-to-audio",
    "document_question_answering": "document-question-answering",
    "image_to_text": "image-to-text",
    "sentence_similarity": "sentence-similarity",
    "summarization": "summarization",
    "table_question_answering": "table-question-answering",
    "tabular_classification": "tabular-classification",
    "text_to_image": "text-to-image",
    "translation": "translation",
    "visual_question_answering": "visual-question-answering",
    "zero_shot_classification": "zero-shot-classification",
}

# The client itself refuses these with a URL, or they ask nobody.
NEVER = {
    "close": "ends the client",
    "image_to_video": "not for a URL",
    "tabular_regression": "not for a URL",
    "text_to_video": "not for a URL",
}
