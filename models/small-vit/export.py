"""Writes a training checkpoint as model.safetensors, with the config files of this folder beside it.

    python export.py --checkpoint RUN/checkpoint.pt --out models/small-vit

Weights are the run's moving average in float16. The file is compared with the trained model before it is written.
"""

import argparse
import json
import os
from pathlib import Path

import torch
from safetensors.torch import load, save
from torch.nn import functional

from vision_model import IMAGE_SIDE, TRAINING_SHRINK, VisionModel, spread_patches, training_model

MINIMUM_AGREEMENT = 0.9999
SETTINGS = ("config.json", "preprocessor_config.json")


@torch.no_grad()
def agreement(trained: VisionModel, content: bytes) -> float:
    """The lowest cosine between the trained model over averaged pictures and the written one over full pictures."""
    written = VisionModel()
    written.load_state_dict({name: tensor.float() for name, tensor in load(content).items()})
    pictures = torch.randn(16, 3, IMAGE_SIDE, IMAGE_SIDE, generator=torch.Generator().manual_seed(0))
    averaged = functional.avg_pool2d(pictures, TRAINING_SHRINK)
    return float(functional.cosine_similarity(trained(averaged), written(pictures)).min())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    arguments = parser.parse_args()

    stored = torch.load(arguments.checkpoint, weights_only=True)
    trained = training_model()
    trained.load_state_dict(stored["average"])
    weights = {name: tensor.half().contiguous() for name, tensor in spread_patches(stored["average"]).items()}
    content = save(weights, metadata={"format": "pt"})
    cosine = agreement(trained, content)
    if not cosine >= MINIMUM_AGREEMENT:
        raise SystemExit(f"the written weights disagree with the trained ones: cosine {cosine:.6f}")
    here = Path(__file__).parent
    for name, data in [("model.safetensors", content), *((name, (here / name).read_bytes()) for name in SETTINGS)]:
        partial = arguments.out / f"{name}.partial"
        partial.write_bytes(data)
        os.replace(partial, arguments.out / name)
    print(f"epoch {stored['epoch']}, {len(content)} bytes, lowest cosine to the trained model {cosine:.6f}")
    for segment in stored["segments"]:
        print(json.dumps(segment))


if __name__ == "__main__":
    main()
