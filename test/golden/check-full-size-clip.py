#!/usr/bin/env python3
"""A full-size ViT-B/32, seeded random weights: the reference implementation against this project, from photo bytes on.

    npm run build
    pip install -r test/golden/clip-requirements.txt
    python3 test/golden/check-full-size-clip.py [--names open-clip] [--photos FOLDER] ...

Makes a checkpoint with transformers or open_clip, converts it with `bin/stygig model convert`, and embeds the same
files twice: Pillow, the reference's resize and crop, and its model in float32; and this project's decoder, encoder and
graph. Prints one JSON line and ends with 1 where it is not within the limits. Without --photos it takes those in
data/clip/photos.
"""
import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile

import numpy
import open_clip
import torch
from PIL import Image
from transformers import CLIPImageProcessor, CLIPVisionConfig, CLIPVisionModelWithProjection

import clip_reference as reference

HERE = os.path.dirname(os.path.abspath(__file__))
PROJECT = os.path.dirname(os.path.dirname(HERE))
# The same as in clip-parity.test.ts.
LIMITS = {"fp32": {"cosineMin": 0.99999, "maxAbsDifference": 1e-4},
          "fp16": {"cosineMin": 0.99999, "maxAbsDifference": 3e-3}}
MAX_COSINE_OF_TWO = 0.98  # of two photos on average; above it the weights would be too blind to prove anything


def make_checkpoint(names, seed, folder):
    if names == "open-clip":
        config = open_clip.get_model_config("ViT-B-32-quickgelu")
        model = open_clip.CLIP(**config)
        reference.fill_with_random_weights(model, seed)
        torch.save(model.state_dict(), os.path.join(folder, "open_clip_pytorch_model.bin"))
        with open(os.path.join(folder, "open_clip_config.json"), "w") as file:
            preprocess = {"mean": reference.CLIP_MEAN, "std": reference.CLIP_STD}
            json.dump({"model_cfg": config, "preprocess_cfg": preprocess}, file)
        return
    model = CLIPVisionModelWithProjection(CLIPVisionConfig())
    reference.fill_with_random_weights(model, seed)
    model.save_pretrained(folder)
    CLIPImageProcessor().save_pretrained(folder)


def find_photos(folder, most):
    """JPEG, RGB and without a color profile, which Pillow would leave unapplied; spread evenly over the folder."""
    found = []
    for path in sorted(os.path.join(at, name) for at, _, names in os.walk(folder) for name in names):
        if path.lower().endswith((".jpg", ".jpeg")):
            with Image.open(path) as image:
                if image.mode == "RGB" and "icc_profile" not in image.info:
                    found.append(path)
    return found[:: max(1, -(-len(found) // most))]


def stygig(*parameters):
    return subprocess.run(["node", os.path.join(PROJECT, "bin", "stygig"), *parameters], check=True, stdout=sys.stderr)


def embed_here(folder, precision, photos):
    """{preprocess, versions, embeddings} as the compiled decoder and encoder make them."""
    script = os.path.join(HERE, "embed-photos.js")
    done = subprocess.run(["node", script, folder, precision], input="\n".join(photos), check=True,
                          stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout)


def compare(theirs, ours):
    ours = numpy.asarray(ours, dtype=numpy.float64)
    theirs = theirs.astype(numpy.float64)
    lengths = numpy.linalg.norm(theirs, axis=1) * numpy.linalg.norm(ours, axis=1)
    cosines = (theirs * ours).sum(axis=1) / lengths
    pairs = theirs @ theirs.T
    others = pairs[~numpy.eye(len(pairs), dtype=bool)]
    return {"cosineMin": float(cosines.min()), "cosineMedian": float(numpy.median(cosines)),
            "maxAbsDifference": float(numpy.abs(ours - theirs).max()),
            "meanCosineOfTwoPhotos": float(others.mean()), "largestValue": float(numpy.abs(theirs).max())}


def processor_name():
    with open("/proc/cpuinfo") as file:
        names = [line.split(":", 1)[1].strip() for line in file if line.startswith("model name")]
    return f"{len(names)} x {names[0]}" if names else platform.processor()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--names", choices=["hugging-face", "open-clip"], default="hugging-face")
    parser.add_argument("--photos", default=os.path.join(HERE, "data", "clip", "photos"))
    parser.add_argument("--most", type=int, default=64)
    parser.add_argument("--precision", choices=list(LIMITS), default="fp32")
    parser.add_argument("--preprocess", choices=list(reference.RECIPES), default="clip-exact")
    parser.add_argument("--operators", choices=["fused", "standard"], default="fused")
    parser.add_argument("--seed", type=int, default=32)
    flags = parser.parse_args()
    reference.check_pillow()
    photos = find_photos(flags.photos, flags.most)
    if len(photos) < 2:
        sys.exit(f"{flags.photos} has {len(photos)} suitable photos; two are the least")
    with tempfile.TemporaryDirectory() as folder:
        checkpoint, converted = os.path.join(folder, "checkpoint"), os.path.join(folder, "converted")
        os.mkdir(checkpoint)
        make_checkpoint(flags.names, flags.seed, checkpoint)
        stygig("model", "convert", checkpoint, "--precision", flags.precision, "--preprocess", flags.preprocess,
               "--operators", flags.operators, "--out", converted)
        here = embed_here(converted, flags.precision, photos)
        recipe, side = here["preprocess"].rsplit("-", 1)
        _, encode = reference.open_reference(checkpoint, flags.names)
        pixels = numpy.stack([reference.preprocess(path, int(side), recipe) for path in photos])
        theirs = numpy.concatenate([reference.embed(encode, pixels[at:at + 8], reference.CLIP_MEAN, reference.CLIP_STD)
                                    for at in range(0, len(pixels), 8)])
    figures = compare(theirs, here["embeddings"])
    limits = LIMITS[flags.precision]
    near = figures["cosineMin"] >= limits["cosineMin"] and figures["maxAbsDifference"] <= limits["maxAbsDifference"]
    passed = near and figures["meanCosineOfTwoPhotos"] <= MAX_COSINE_OF_TWO
    print(json.dumps({
        "check": "clip-full-size", "architecture": "vit-b-32", "names": flags.names, "seed": flags.seed,
        "precision": flags.precision, "operators": flags.operators, "preprocess": here["preprocess"],
        "photos": len(photos), **figures,
        "limits": {**limits, "meanCosineOfTwoPhotos": MAX_COSINE_OF_TWO}, "passed": passed,
        "versions": {**reference.versions(), **here["versions"]}, "machine": processor_name(),
        "date": datetime.date.today().isoformat()}))
    sys.exit(0 if passed else 1)


if __name__ == "__main__":
    main()
