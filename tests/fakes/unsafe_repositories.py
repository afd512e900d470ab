"""Models that want a token or a consent, for the fake Hub.

`python -m tests.fakes.unsafe_repositories DIR` writes them.

`acme/gated` opens for TOKEN; `acme/tensors` has pickle weights of tensors only, `acme/pickled` of
other objects, too; `acme/converted` also, with a pull request that has safetensors; `acme/coded`
has a model class of its own, and `acme/automap` names code for a class that transformers has.
"""

import json
import sys
from pathlib import Path

from tests.fakes.models import pickle_only, text_classification, unsafe_pickle

TOKEN = "hf_" + "r" * 20
CODE = """from transformers import BertConfig, BertForSequenceClassification


class OwnConfig(BertConfig):
    model_type = "own"


class OwnClassifier(BertForSequenceClassification):
    config_class = OwnConfig
"""


def build(root: Path) -> None:
    """Write all of them below `root`."""
    gated = text_classification(root / "acme" / "gated")
    (gated / "hub.json").write_text(json.dumps({"gated": "auto", "readers": [TOKEN]}))
    pickle_only(root / "acme" / "tensors")
    unsafe_pickle(root / "acme" / "pickled")
    unsafe_pickle(root / "acme" / "converted")
    text_classification(root / "acme" / "converted@refs%2Fpr%2F1")
    coded = text_classification(root / "acme" / "coded")
    config = json.loads((coded / "config.json").read_text())
    config["model_type"] = "own"
    config["architectures"] = ["OwnClassifier"]
    config["auto_map"] = {
        "AutoConfig": "modeling_own.OwnConfig",
        "AutoModelForSequenceClassification": "modeling_own.OwnClassifier",
    }
    (coded / "config.json").write_text(json.dumps(config))
    (coded / "modeling_own.py").write_text(CODE)
    automap = text_classification(root / "acme" / "automap")
    config = json.loads((automap / "config.json").read_text())
    config["auto_map"] = {
        "AutoConfig": "modeling_own.OwnConfig",
        "AutoModelForSequenceClassification": "modeling_own.OwnClassifier",
    }
    (automap / "config.json").write_text(json.dumps(config))
    (automap / "modeling_own.py").write_text('raise RuntimeError("code of the repository ran")')


if __name__ == "__main__":
    build(Path(sys.argv[1]))
