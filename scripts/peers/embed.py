"""Prints how many texts per second sentence-transformers embeds with its defaults. Usage: embed.py CHECKPOINT, with the texts
as a JSON list on standard input. Loading and a first batch are not counted."""

import json
import sys
import time

from sentence_transformers import SentenceTransformer

texts = json.load(sys.stdin)
model = SentenceTransformer(sys.argv[1], device="cpu")
model.encode(texts[:8])
start = time.perf_counter()
model.encode(texts)
print(len(texts) / (time.perf_counter() - start))
