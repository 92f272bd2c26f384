"""What the written checkpoint is worth: five-vote accuracy, spread of embeddings, outliers, parity.

    python evaluate.py --model models/small-vit --catalog PHOTOS/train --queries PHOTOS/validation

Weights are read from model.safetensors and computed in float32. The CLIPVisionModelWithProjection of transformers
must load the same folder and give the same embeddings.
"""

import argparse
import sys
from pathlib import Path

import numpy
import torch
import transformers
from safetensors.torch import load_file
from torch.nn import functional

from lite_parts import by_class, list_pictures, normalize_pixels, open_rgb, to_pixels, vote
from vision_model import VisionModel

CHUNK = 32
COMPARED_PICTURES = 64
MAXIMUM_DIFFERENCE = 1e-4


class ChannelPeaks:
    """The largest magnitude of each channel in the named layers' inputs or outputs, over all that passes."""

    def __init__(self, model):
        self.peaks = {}
        vision = model.vision_model
        self._watch("pre_layrnorm", vision.pre_layrnorm)
        for position, block in enumerate(vision.encoder.layers):
            self._watch(f"layers.{position}.layer_norm1", block.layer_norm1)
            self._watch(f"layers.{position}.out_proj input", block.self_attn.out_proj, at_input=True)
            self._watch(f"layers.{position}.layer_norm2", block.layer_norm2)
            self._watch(f"layers.{position}.fc2 input", block.mlp.fc2, at_input=True)
        self._watch("post_layernorm", vision.post_layernorm)

    def _watch(self, name, layer, at_input=False):
        def record(_layer, inputs, output):
            values = inputs[0] if at_input else output
            peak = values.abs().flatten(0, -2).amax(0)
            self.peaks[name] = torch.maximum(self.peaks.get(name, peak), peak)

        layer.register_forward_hook(record)


@torch.no_grad()
def embed(model, listed):
    """Unit embeddings and labels of the listed pictures."""
    chunks = []
    for start in range(0, len(listed), CHUNK):
        pixels = numpy.stack([to_pixels(open_rgb(path)) for path, _ in listed[start : start + CHUNK]])
        pictures = normalize_pixels(torch.from_numpy(pixels).permute(0, 3, 1, 2).float())
        chunks.append(functional.normalize(model(pictures), dim=1).numpy())
    return numpy.concatenate(chunks), numpy.array([label for _, label in listed])


def report_accuracy(model, catalog, queries):
    catalog_embeddings, catalog_labels = embed(model, catalog)
    query_embeddings, truth = embed(model, queries)
    voted = vote(catalog_embeddings, catalog_labels, query_embeddings)
    print(f"{len(catalog)} catalog pictures, {len(queries)} queries")
    for name, (correct, total) in by_class(truth, voted).items():
        print(f"  {name:11} {correct:4} / {total:4}  {correct / total:.3f}")
    print(f"five-vote accuracy {(voted == truth).mean():.4f} ({(voted == truth).sum()} of {len(truth)})")
    between = (query_embeddings @ query_embeddings.T)[numpy.triu_indices(len(queries), 1)]
    low, middle, high = numpy.percentile(between, [1, 50, 99])
    print(f"cosine between two queries: 1% {low:.3f}, median {middle:.3f}, 99% {high:.3f}")


def report_outliers(peaks):
    print("largest magnitude a channel: maximum, median, maximum / median")
    for name, peak in peaks.items():
        print(f"  {name:24} {peak.max():8.3f} {peak.median():8.3f} {peak.max() / peak.median():7.1f}")


@torch.no_grad()
def report_parity(model, folder, listed):
    """The largest difference to transformers over some pictures; a difference past the limit ends the program."""
    reference, loading = transformers.CLIPVisionModelWithProjection.from_pretrained(
        folder, dtype=torch.float32, output_loading_info=True
    )
    left_over = [*loading["missing_keys"], *loading["unexpected_keys"]]
    if left_over:
        sys.exit(f"transformers did not know or did not find: {', '.join(sorted(left_over))}")
    pixels = numpy.stack([to_pixels(open_rgb(path)) for path, _ in listed])
    pictures = normalize_pixels(torch.from_numpy(pixels).permute(0, 3, 1, 2).float())
    expected = functional.normalize(reference.eval()(pixel_values=pictures).image_embeds, dim=1)
    difference = float((functional.normalize(model(pictures), dim=1) - expected).abs().max())
    print(f"transformers {transformers.__version__}: largest difference {difference:.1e} over {len(listed)} pictures")
    if not difference <= MAXIMUM_DIFFERENCE:
        sys.exit(f"the embeddings differ by more than {MAXIMUM_DIFFERENCE}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path(__file__).parent)
    parser.add_argument("--catalog", type=Path, required=True)
    parser.add_argument("--queries", type=Path, required=True)
    arguments = parser.parse_args()

    torch.set_num_threads(1)
    model = VisionModel()
    weights = load_file(arguments.model / "model.safetensors")
    model.load_state_dict({name: tensor.float() for name, tensor in weights.items()})
    model.eval()
    queries = list_pictures(arguments.queries)
    report_parity(model, arguments.model, queries[:: max(1, len(queries) // COMPARED_PICTURES)])
    watched = ChannelPeaks(model)
    report_accuracy(model, list_pictures(arguments.catalog), queries)
    report_outliers(watched.peaks)


if __name__ == "__main__":
    main()
