"""Trains the small vision transformer from scratch on labeled photos, with the lite encoder as its teacher.

Set up (Python 3.11, CPU only), from this folder:

    python3 -m venv venv
    venv/bin/pip install -r requirements.txt
    venv/bin/python train.py --photos PHOTOS/train --teacher ../lite/model.onnx --out RUN --epochs 150 --seed 7

A killed run continues from RUN/checkpoint.pt by the same command; --epochs may change then, until the learning
rate begins to fall, which is half-way.
"""

import argparse
import copy
import datetime
import hashlib
import os
import time
from pathlib import Path

import numpy
import onnxruntime
import torch
from torch import nn
from torch.nn import functional

from lite_parts import (
    DEVIATION,
    MEAN,
    Muon,
    augment,
    contrast_loss,
    list_pictures,
    mix,
    normalize_pixels,
    rate_share,
    read_pictures,
    to_canvas,
    versions,
)
from vision_model import IMAGE_SIDE, PATCH_SIDE, PROJECTION, TRAINING_SHRINK, training_model

SIDE = IMAGE_SIDE // TRAINING_SHRINK
PATCHES = (IMAGE_SIDE // PATCH_SIDE) ** 2
BATCH = 64
MATRIX_RATE = 0.02
MATRIX_MOMENTUM = 0.9
MATRIX_DECAY = 0.1
OTHER_RATE = 2e-3
# The teacher's gradient is the cosine's; eight brings it to the size of the cross-entropy's.
TEACHER_WEIGHT = 8.0
CLASS_WEIGHT = 0.5
CLASS_SCALE = 16.0
LABEL_SMOOTHING = 0.1
CONTRAST_WEIGHT = 0.2
MIXED_BATCHES = 0.25
# An epoch takes one view of every photo, and after the last begins with the first again.
VIEWS = 10
AVERAGE_DECAY = 0.997
# Patches that training goes on with, until which share of the run: fewer cost less and stand in for dropout.
KEPT_PATCHES = ((0.6, 32), (1.0, PATCHES))


def log(line):
    print(f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%dT%H:%M:%SZ} {line}", flush=True)


class Teacher:
    """The lite encoder on one thread. It averages 2 x 2 pixels itself, so each pixel is handed over four times."""

    def __init__(self, file):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])

    def embed(self, pictures):
        """Embeddings [n, 512] of uint8 pictures [n, 3, 112, 112]."""
        pixels = pictures.permute(0, 2, 3, 1)
        pixels = pixels.repeat_interleave(TRAINING_SHRINK, 1).repeat_interleave(TRAINING_SHRINK, 2)
        return torch.from_numpy(self.session.run(["embedding"], {"pixels": pixels.numpy()})[0])


def make_views(canvases, teacher, seed):
    """Random views of every photo, uint8 [VIEWS, n, 3, 112, 112], and what the student is to say of them."""
    mean, deviation = (torch.tensor(values).view(1, 3, 1, 1) * 255 for values in (MEAN, DEVIATION))
    generator = torch.Generator().manual_seed(seed)
    views = torch.empty(VIEWS, len(canvases), 3, SIDE, SIDE, dtype=torch.uint8)
    answers = []
    for view in range(VIEWS):
        for start in range(0, len(canvases), BATCH):
            pictures = augment(canvases[start : start + BATCH], SIDE, generator) * deviation + mean
            views[view, start : start + BATCH] = pictures.round().clamp(0, 255).byte()
            answers.append(teacher.embed(views[view, start : start + BATCH]))
        log(f"view {view + 1}/{VIEWS}")
    answers = torch.cat(answers)
    # Without its mean, which every photo shares, an answer is what tells photos apart; its principal directions,
    # as many as the student has, keep nearly all of it.
    centered = answers - answers.mean(0)
    sizes, directions = torch.linalg.eigh((centered.T @ centered).double())
    targets = functional.normalize(centered @ directions[:, -PROJECTION:].float(), dim=1)
    log(f"variance of the teacher's answers that is kept: {float(sizes[-PROJECTION:].sum() / sizes.sum()):.4f}")
    return {"views": views, "targets": targets.view(VIEWS, len(canvases), PROJECTION)}


def read_views(photo_list, arguments):
    """The views, made once a run and kept beside it: they and the teacher cost more than the student does."""
    names = "\n".join(f"{path} {path.stat().st_size}" for path, _ in photo_list)
    digest = hashlib.sha256(f"{arguments.seed} {VIEWS} {names}".encode()).hexdigest()[:12]
    cache = arguments.out / f"views-{digest}.pt"
    canvases, labels = read_pictures("photos-canvas", photo_list, to_canvas, arguments.out)
    if not cache.exists():
        made = make_views(canvases, Teacher(arguments.teacher), arguments.seed)
        partial = cache.with_suffix(".partial")
        torch.save(made, partial)
        os.replace(partial, cache)
    stored = torch.load(cache, weights_only=True)
    return stored["views"], stored["targets"], labels


def kept_tokens(progress, generator):
    """Rows of the tokens to go on with, the class token first; None keeps all."""
    count = next(count for until, count in KEPT_PATCHES if progress < until)
    if count == PATCHES:
        return None
    chosen = torch.randperm(PATCHES, generator=generator)[:count].sort().values + 1
    return torch.cat([torch.zeros(1, dtype=torch.long), chosen])


def loss_of(state, pictures, labels, answers, generator, kept):
    """The loss of one batch, and its mean cosine to the teacher's answers."""
    classes = len(state["head"].weight)
    targets = torch.cat([functional.one_hot(labels, classes).float(), answers], 1)
    mixed = bool(torch.rand(1, generator=generator) < MIXED_BATCHES)
    if mixed:
        pictures, targets = mix(pictures, targets, generator)
    with torch.autocast("cpu", torch.bfloat16):
        embeddings = state["model"](pictures, kept)
    embeddings = functional.normalize(embeddings.float(), dim=1)
    cosine = functional.cosine_similarity(embeddings, targets[:, classes:]).mean()
    logits = CLASS_SCALE * embeddings @ functional.normalize(state["head"].weight, dim=1).T
    loss = TEACHER_WEIGHT * (1 - cosine)
    loss = loss + CLASS_WEIGHT * functional.cross_entropy(logits, targets[:, :classes], label_smoothing=LABEL_SMOOTHING)
    if not mixed:
        loss = loss + CONTRAST_WEIGHT * contrast_loss(embeddings, labels)
    return loss, cosine.item()


def train_epoch(epoch, epochs, seed, state, views, targets, labels):
    """One pass over the photos; returns the mean loss and the mean cosine to the teacher."""
    # Seeded by epoch: a resumed run sees what an unbroken one would have seen.
    generator = torch.Generator().manual_seed(seed * 100_003 + epoch)
    view = epoch % VIEWS
    order = torch.randperm(len(labels), generator=generator)
    steps = len(order) // BATCH
    optimizers = ((state["matrices"], MATRIX_RATE), (state["others"], OTHER_RATE))
    state["model"].train()
    figures = []
    for step, rows in enumerate(order[: steps * BATCH].view(steps, BATCH)):
        pictures = normalize_pixels(views[view, rows].float())
        if torch.rand(1, generator=generator) < 0.5:
            pictures = pictures.flip(3)
        kept = kept_tokens(epoch / epochs, generator)
        loss, cosine = loss_of(state, pictures, labels[rows], targets[view, rows], generator, kept)
        loss.backward()
        share = rate_share(epoch + step / steps, epochs)
        for optimizer, peak in optimizers:
            optimizer.param_groups[0]["lr"] = peak * share
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        with torch.no_grad():
            for average, current in zip(state["average"].parameters(), state["model"].parameters()):
                average.lerp_(current, 1 - AVERAGE_DECAY)
        figures.append((loss.item(), cosine))
    return numpy.mean(figures, axis=0)


def start_state(classes):
    model = training_model()
    head = nn.Linear(PROJECTION, classes, bias=False)
    vision = model.vision_model
    matrices = [weight for weight in vision.encoder.parameters() if weight.ndim == 2]
    matrices.append(vision.embeddings.patch_embedding.weight)
    chosen = {id(weight) for weight in matrices}
    others = [weight for weight in [*model.parameters(), *head.parameters()] if id(weight) not in chosen]
    return {
        "model": model,
        "head": head,
        "average": copy.deepcopy(model),
        "matrices": Muon(matrices, MATRIX_RATE, MATRIX_MOMENTUM, MATRIX_DECAY),
        "others": torch.optim.AdamW(others, OTHER_RATE, weight_decay=0.0),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True, help="a folder of class folders")
    parser.add_argument("--teacher", type=Path, required=True, help="the lite encoder's ONNX file")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=150)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    arguments.out.mkdir(parents=True, exist_ok=True)
    photo_list = list_pictures(arguments.photos)
    views, targets, labels = read_views(photo_list, arguments)
    state = start_state(int(labels.max()) + 1)
    checkpoint = arguments.out / "checkpoint.pt"
    first_epoch, segments = 0, []
    if checkpoint.exists():
        stored = torch.load(checkpoint, weights_only=True)
        for key, part in state.items():
            part.load_state_dict(stored[key])
        first_epoch, segments = stored["epoch"], stored["segments"]
    # What every part of the run saw, so that the card can tell it.
    started_with = {"from_epoch": first_epoch, "epochs": arguments.epochs, "photos": len(photo_list)}
    segments = [*segments, {**started_with, "seed": arguments.seed, **versions()}]
    count = sum(weight.numel() for weight in state["model"].parameters())
    log(f"run {segments[-1]}, {count} weights")

    for epoch in range(first_epoch, arguments.epochs):
        started = time.monotonic()
        loss, cosine = train_epoch(epoch, arguments.epochs, arguments.seed, state, views, targets, labels)
        seconds = time.monotonic() - started
        log(f"epoch {epoch + 1}/{arguments.epochs} loss {loss:.4f} cosine {cosine:.4f} seconds {seconds:.1f}")
        partial = checkpoint.with_suffix(".partial")
        stored = {key: part.state_dict() for key, part in state.items()}
        torch.save({**stored, "epoch": epoch + 1, "segments": segments}, partial)
        os.replace(partial, checkpoint)


if __name__ == "__main__":
    main()
