"""Five-vote accuracy of an exported encoder: the catalog's pictures vote for the class of every query.

    python evaluate.py --model model.onnx --catalog PHOTOS/train --queries PHOTOS/validation

The five nearest by cosine similarity vote; the most frequent class wins, and on a tie the class seen first.
Queries of a class that the catalog does not hold are left out: a catalog of drawings has no long sleeves.
"""

import argparse
import time
from pathlib import Path

import numpy

from pictures import CLASSES, is_held_out, list_pictures, open_rgb, to_pixels

NEIGHBORS = 5
CHUNK = 32


def vote(catalog, catalog_labels, queries):
    """The voted label of every query; embeddings are unit rows."""
    nearest = numpy.argsort(-(queries @ catalog.T), axis=1, kind="stable")[:, :NEIGHBORS]
    # max() keeps the first of equals, and the labels of a row are in the order of their similarity.
    rows = [catalog_labels[row].tolist() for row in nearest]
    return numpy.array([max(row, key=row.count) for row in rows])


def by_class(truth, voted) -> dict[str, tuple[int, int]]:
    """Correct and total count of every class that the queries hold."""
    return {
        CLASSES[label]: (int((voted[truth == label] == label).sum()), int((truth == label).sum()))
        for label in sorted(set(truth.tolist()))
    }


def embed_all(session, listed):
    chunks = []
    for start in range(0, len(listed), CHUNK):
        pixels = numpy.stack([to_pixels(open_rgb(path)) for path, _ in listed[start : start + CHUNK]])
        chunks.append(session.run(["embedding"], {"pixels": pixels})[0])
    return numpy.concatenate(chunks), numpy.array([label for _, label in listed])


def median_milliseconds(session, runs=100) -> float:
    pixels = numpy.zeros((1, 224, 224, 3), numpy.uint8)
    times = []
    for _ in range(runs):
        started = time.perf_counter()
        session.run(["embedding"], {"pixels": pixels})
        times.append((time.perf_counter() - started) * 1000)
    return float(numpy.median(times))


def main():
    import onnxruntime

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path(__file__).parent / "model.onnx")
    parser.add_argument("--catalog", type=Path, required=True)
    parser.add_argument("--queries", type=Path, required=True)
    parser.add_argument("--holdout", action="store_true", help="query only with what train.py holds out")
    arguments = parser.parse_args()

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(arguments.model, options, providers=["CPUExecutionProvider"])
    queries = list_pictures(arguments.queries)
    if arguments.holdout:
        queries = [entry for entry in queries if is_held_out(entry[0])]
    asked = set(queries)
    catalog = [entry for entry in list_pictures(arguments.catalog) if entry not in asked]
    known = {label for _, label in catalog}
    queries = [entry for entry in queries if entry[1] in known]
    catalog_embeddings, catalog_labels = embed_all(session, catalog)
    query_embeddings, truth = embed_all(session, queries)
    voted = vote(catalog_embeddings, catalog_labels, query_embeddings)
    print(f"{arguments.model.name}: {len(catalog)} catalog pictures, {len(queries)} queries")
    for name, (correct, total) in by_class(truth, voted).items():
        print(f"  {name:11} {correct:4} / {total:4}  {correct / total:.3f}")
    print(f"five-vote accuracy {(voted == truth).mean():.4f}")
    print(f"one picture, one thread: {median_milliseconds(session):.1f} ms (median)")


if __name__ == "__main__":
    main()
