"""Makes test/golden/data/v4-artifacts: small model.tar.gz files as V4's train.py writes them, sound and damaged.

Only Python, NumPy and FAISS are used, so that what is read was written by others:

    python -m venv venv && venv/bin/pip install numpy==2.4.6 faiss-cpu==1.15.1
    venv/bin/python test/golden/make-v4-artifacts.py

Made with CPython 3.11.7. `numpy==1.26.4` (with `faiss-cpu==1.7.4`) writes `numpy.core` where 2 writes `numpy._core`;
`test/unit/models/checkpoint/numpy-globals.test.ts` has both.
"""

import gzip
import io
import json
import os
import pickle
import tarfile

import faiss
import numpy

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", "v4-artifacts")
ROOT = "/opt/ml/input/data/training"
DIMENSION = 8
CATEGORIES = {
    "upperwear_shirt": "upperwear/shirt",
    "bottomwear_pants": "bottomwear/pants",
    "footwear_heels": "footwear/heels",
}
COUNT = 3
# What the encoder of test/support/tiny-encoder.ts gives for the pictures that the test draws.
VECTORS = {
    "upperwear_shirt": [
        [-0.0435, -0.854, 0.2097, -0.0508, -0.1333, -0.3122, 0.2518, -0.2089],
        [-0.4496, -0.6449, -0.2979, 0.1369, -0.2288, -0.3533, 0.2815, 0.1343],
        [-0.3259, -0.252, 0.2519, -0.201, -0.163, -0.7666, 0.1739, 0.2863],
    ],
    "bottomwear_pants": [
        [0.1709, -0.3404, 0.0772, -0.0123, -0.2328, -0.5657, 0.6792, -0.1149],
        [-0.1004, -0.0269, -0.3207, 0.1286, -0.2819, -0.5529, 0.6758, 0.1672],
        [-0.3801, -0.5597, 0.2907, -0.1901, -0.1255, -0.6106, 0.0242, 0.18],
    ],
    "footwear_heels": [
        [-0.2283, -0.2335, 0.397, -0.2654, -0.1258, -0.7611, 0.132, 0.2296],
        [-0.1498, -0.317, -0.3634, 0.1789, -0.2884, -0.452, 0.6481, 0.0746],
        [-0.0935, -0.031, 0.1272, -0.1226, -0.2194, -0.7914, 0.4877, 0.2164],
    ],
}


def metadata(stem=lambda short, i: f"{short}-{i}"):
    out = {}
    for place, (category, folder) in enumerate(CATEGORIES.items()):
        short = folder.split("/")[1]
        out[category] = [
            {
                "id": stem(short, i),
                "path": f"{ROOT}/{folder}/{stem(short, i)}.png",
                "category": category,
                "gender": "female" if short == "heels" else "unisex",
                "color": (40 * place + 10, 20 * i + 5, 90),
                "gender_confidence": 0.9,
                "file_size": 4096 + i,
            }
            for i in range(COUNT)
        ]
    return out


def embeddings(counts=None):
    out = {}
    for category in CATEGORIES:
        rows = numpy.array(VECTORS[category], dtype=numpy.float32)
        rows /= numpy.linalg.norm(rows, axis=1, keepdims=True)
        out[category] = rows[: (counts or {}).get(category, COUNT)]
    return out


def npz(arrays):
    target = io.BytesIO()
    numpy.savez_compressed(target, **arrays)
    return target.getvalue()


def flat(arrays):
    index = faiss.IndexFlatIP(DIMENSION)
    for rows in arrays.values():
        index.add(numpy.ascontiguousarray(rows))
    return index


def index_bytes(index):
    return faiss.serialize_index(index).tobytes()


def config():
    value = {
        "clip_model": "ViT-B-32",
        "clip_pretrained": "openai",
        "embed_dim": DIMENSION,
        "faiss_index_type": "IndexFlatIP",
        "n_clusters": 3,
        "scl_enabled": False,
    }
    return json.dumps(value, indent=2).encode()


def sound(items=None, arrays=None, index=None, protocol=None, **files):
    items = metadata() if items is None else items
    arrays = embeddings() if arrays is None else arrays
    return {
        "config.json": config(),
        "metadata.pkl": pickle.dumps(items, protocol),
        "embeddings.npz": npz(arrays),
        "faiss_index.index": index_bytes(flat(arrays) if index is None else index),
        "stygig/__init__.py": b"",
        **files,
    }


def without(files, *names):
    return {name: content for name, content in files.items() if name not in names}


class Command:
    """What a hostile pickle would run."""

    def __reduce__(self):
        return os.system, ("touch v4-import-ran-this",)


def uncolored(items):
    for records in items.values():
        for record in records:
            del record["color"]
    return items


def of_numpy(items):
    for records in items.values():
        for record in records:
            record["color"] = numpy.array(record["color"], dtype=numpy.uint8)
            record["gender_confidence"] = numpy.float32(0.9)
            record["file_size"] = numpy.int64(record["file_size"])
    return items


def broken_rows():
    arrays = embeddings()
    arrays["upperwear_shirt"][0, 3] = numpy.nan
    arrays["bottomwear_pants"][1] = 0
    arrays["footwear_heels"][2] *= 3
    return arrays


def other_row():
    arrays = embeddings()
    arrays["bottomwear_pants"] = arrays["bottomwear_pants"].copy()
    arrays["bottomwear_pants"][1] = -arrays["bottomwear_pants"][1]
    return flat(arrays)


def inverted_file():
    index = faiss.IndexIVFFlat(faiss.IndexFlatIP(DIMENSION), DIMENSION, 2, faiss.METRIC_INNER_PRODUCT)
    rows = numpy.concatenate(list(embeddings().values()))
    index.train(rows)
    index.add(rows)
    return index


def npy(array):
    return npz({**embeddings(), "upperwear_shirt": array})


def artifacts():
    lost = embeddings({"bottomwear_pants": 1})
    shirts = embeddings()["upperwear_shirt"]
    yield "sound", sound()
    yield "as-trained", sound(metadata(lambda short, i: str(i)))
    yield "lost-batch", sound(arrays=lost)
    yield "lost-batch-without-npz", without(sound(arrays=lost), "embeddings.npz")
    yield "without-npz", without(sound(), "embeddings.npz")
    yield "without-index", without(sound(), "faiss_index.index", "config.json")
    yield "without-vectors", without(sound(), "faiss_index.index", "embeddings.npz")
    yield "without-metadata", without(sound(), "metadata.pkl")
    yield "without-colors", sound(uncolored(metadata()))
    yield "numpy-values", sound(of_numpy(metadata()))
    yield "numpy-values-5", sound(of_numpy(metadata()), protocol=5)
    yield "broken-rows", sound(arrays=broken_rows())
    yield "other-row", sound(index=other_row())
    yield "inverted-file", sound(index=inverted_file())
    yield "hostile-pickle", sound({"upperwear_shirt": [Command()]})
    yield "objects", sound(**{"embeddings.npz": npy(numpy.array([Command()], dtype=object))})
    yield "doubles", sound(**{"embeddings.npz": npy(shirts.astype(numpy.float64))})
    yield "big-endian", sound(**{"embeddings.npz": npy(shirts.astype(">f4"))})
    yield "fortran", sound(**{"embeddings.npz": npy(numpy.asfortranarray(shirts))})


def write(name, files):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for path, content in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    with open(os.path.join(FOLDER, f"{name}.tar.gz"), "wb") as target:
        target.write(gzip.compress(packed.getvalue(), mtime=0))


if __name__ == "__main__":
    os.makedirs(FOLDER, exist_ok=True)
    for name, files in artifacts():
        write(name, files)
