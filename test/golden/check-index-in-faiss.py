"""Opens an artifact's index.faiss in Python's FAISS and holds its answers against the artifact's own vectors.

    python -m venv venv && venv/bin/pip install numpy==2.4.6 faiss-cpu==1.15.1
    venv/bin/python test/golden/check-index-in-faiss.py ARTIFACT

Exits with 1 where anything differs.
"""

import json
import os
import sys

import faiss
import numpy

folder = sys.argv[1]
with open(os.path.join(folder, "manifest.json"), encoding="utf-8") as file:
    manifest = json.load(file)
shape = (manifest["counts"]["items"], manifest["dimension"])
vectors = numpy.fromfile(os.path.join(folder, "embeddings.f32"), dtype="<f4").reshape(shape)
index = faiss.read_index(os.path.join(folder, "index.faiss"))
stored = index.reconstruct_n(0, index.ntotal)
queries = vectors[:: max(1, shape[0] // 100)]
similarities, rows = index.search(queries, 1)
best = (queries @ vectors.T).max(axis=1)
checks = {
    "is a flat index": isinstance(index, faiss.IndexFlat),
    "by inner product": index.metric_type == faiss.METRIC_INNER_PRODUCT,
    "has every row": (index.ntotal, index.d) == shape,
    "with the same bits": stored.tobytes() == vectors.tobytes(),
    "finds the nearest": bool(numpy.allclose(similarities[:, 0], best, atol=1e-5)),
}
for name, holds in checks.items():
    print(f"{name}: {'yes' if holds else 'NO'}")
print(f"{index.ntotal} rows of {index.d} values, {len(queries)} queries, FAISS {faiss.__version__}")
sys.exit(0 if all(checks.values()) else 1)
