"""Makes test/models/tiny: a real ONNX model of one layer, for tests that are not about relevance.

    python3 -m venv venv
    venv/bin/pip install onnx==1.23.* numpy==2.4.*
    venv/bin/python test/models/make-tiny.py

A word piece is a random vector, with 8-bit weights; one layer of random weights mixes its components. So texts that share
words are near to each other, and nothing else is. It loads in a third of the time of all-MiniLM-L6-v2 and embeds hundreds
of times as many texts a second. The same script makes the same files.
"""

import hashlib
import json
import re
from collections import Counter
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

ROOT = Path(__file__).parents[2]
OUT = Path(__file__).parent / "tiny"
DIMENSIONS = 32
WORDS = 2_000
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]


def vocabulary() -> list[str]:
    """The special pieces, all printable ASCII as a piece and as the rest of a word, and the frequent words of the sample."""
    lines = (ROOT / "src" / "sample" / "papers.jsonl").read_text(encoding="utf8").splitlines()
    papers = [json.loads(line) for line in lines]
    text = " ".join(f"{paper['title']} {paper.get('abstract') or ''}" for paper in papers).lower()
    counts = Counter(re.findall(r"[a-z]{2,}", text))
    frequent = sorted(counts, key=lambda word: (-counts[word], word))[:WORDS]
    letters = [chr(code) for code in range(33, 127) if not chr(code).isupper()]
    return [*SPECIAL, *letters, *(f"##{letter}" for letter in letters if letter.isalnum()), *frequent]


def model(pieces: int) -> onnx.ModelProto:
    random = np.random.default_rng(7)
    table = random.integers(-127, 128, (pieces, DIMENSIONS), dtype=np.int8)
    # Padding and the start and end markers get zero vectors.
    table[[0, 2, 3]] = 0
    layer = random.standard_normal((DIMENSIONS, DIMENSIONS)).astype(np.float32)
    nodes = [
        helper.make_node("Gather", ["table", "input_ids"], ["rows"]),
        helper.make_node("Cast", ["rows"], ["floats"], to=TensorProto.FLOAT),
        helper.make_node("Mul", ["floats", "scale"], ["embedded"]),
        helper.make_node("MatMul", ["embedded", "layer"], ["mixed"]),
        helper.make_node("Tanh", ["mixed"], ["last_hidden_state"]),
    ]
    graph = helper.make_graph(
        nodes,
        "tiny",
        [helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch_size", "sequence_length"])],
        [
            helper.make_tensor_value_info(
                "last_hidden_state", TensorProto.FLOAT, ["batch_size", "sequence_length", DIMENSIONS]
            )
        ],
        [
            numpy_helper.from_array(table, "table"),
            numpy_helper.from_array(np.array(1 / 400, dtype=np.float32), "scale"),
            numpy_helper.from_array(layer, "layer"),
        ],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(made)
    return made


def main() -> None:
    vocab = vocabulary()
    (OUT / "onnx").mkdir(parents=True, exist_ok=True)
    onnx.save(model(len(vocab)), OUT / "onnx" / "model_quantized.onnx")
    tokenizer = json.loads((ROOT / "models" / "all-MiniLM-L6-v2" / "tokenizer.json").read_text(encoding="utf8"))
    ids = {piece: i for i, piece in enumerate(vocab)}
    tokenizer["model"]["vocab"] = ids
    for token in tokenizer["added_tokens"]:
        token["id"] = ids[token["content"]]
    for name, token in tokenizer["post_processor"]["special_tokens"].items():
        token["ids"] = [ids[name]]
    config = {"model_type": "bert", "hidden_size": DIMENSIONS, "vocab_size": len(vocab), "max_position_embeddings": 512}
    special = {f"{name[1:-1].lower()}_token": name for name in SPECIAL}
    files = {
        "config.json": config,
        "tokenizer.json": tokenizer,
        "tokenizer_config.json": {"tokenizer_class": "BertTokenizer", "model_max_length": 512, **special},
        "special_tokens_map.json": special,
    }
    for name, content in files.items():
        (OUT / name).write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf8")
    loaded = ["onnx/model_quantized.onnx", *files]
    manifest = {
        "name": "tiny",
        "dtype": "q8",
        "pooling": "mean",
        "cut": 256,
        "dimensions": DIMENSIONS,
        "sha256": {name: hashlib.sha256((OUT / name).read_bytes()).hexdigest() for name in loaded},
    }
    (OUT / "kindred.json").write_text(json.dumps(manifest, indent=2) + "\n", encoding="utf8")


if __name__ == "__main__":
    main()
