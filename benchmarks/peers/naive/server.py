"""`python server.py MODEL PORT KIND`: FastAPI with sentence-transformers or `generate()`."""

import sys
import threading

import torch
import uvicorn
from fastapi import FastAPI
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

MODEL, PORT, KIND = sys.argv[1], int(sys.argv[2]), sys.argv[3]
torch.set_num_threads(1)
app = FastAPI()


class Body(BaseModel):
    inputs: str
    new_tokens: int = 32


if KIND == "embeddings":
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(MODEL, device="cpu")

    @app.post("/predict")
    def predict(body: Body):
        return model.encode([body.inputs])[0].tolist()

else:
    from transformers import AutoModelForCausalLM, AutoTokenizer, TextIteratorStreamer

    tokenizer = AutoTokenizer.from_pretrained(MODEL)
    model = AutoModelForCausalLM.from_pretrained(MODEL, dtype="auto").eval()
    one_at_a_time = threading.Lock()

    @app.post("/generate")
    def generate(body: Body):
        inputs = tokenizer(body.inputs, return_tensors="pt")
        streamer = TextIteratorStreamer(tokenizer, skip_prompt=True)
        count = body.new_tokens

        def work():
            with one_at_a_time:
                model.generate(
                    **inputs, max_new_tokens=count, min_new_tokens=count, do_sample=False,
                    streamer=streamer,
                )  # fmt: skip

        def events():
            thread = threading.Thread(target=work)
            thread.start()
            yield from (f"data: {text}\n\n" for text in streamer if text)
            thread.join()

        return StreamingResponse(events(), media_type="text/event-stream")


uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="warning")
