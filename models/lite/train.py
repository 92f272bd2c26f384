"""Trains the lite encoder from scratch on labeled photos and, optionally, drawn garments.

Set up (Python 3.11, CPU only):

    python3 -m venv venv
    venv/bin/pip install -r requirements.txt
    venv/bin/python train.py --photos PHOTOS/train --drawn DRAWN --out RUN --epochs 150 --seed 7

Tune with --holdout, which keeps a fixed 15% of the photos out of training and measures on them; train the
model that ships without it. A killed run continues from RUN/checkpoint.pt by the same command. --epochs may
change then, until the learning rate begins to fall; drawn garments may be added.
"""

import argparse
import copy
import datetime
import hashlib
import os
import platform
import sys
import time
from pathlib import Path

import numpy
import PIL
import torch
from torch.nn import functional

from evaluate import by_class, vote
from muon import Muon
from network import CosineHead, Encoder, normalize_pixels
from pictures import (
    CANVAS_SIDE,
    CLASSES,
    augment,
    is_held_out,
    list_pictures,
    open_rgb,
    random_boxes,
    to_canvas,
    to_pixels,
)

BATCH = 40
DRAWN_IN_BATCH = 8
# Muon moves the encoder's kernels, AdamW everything else.
KERNEL_RATE = 0.025
KERNEL_MOMENTUM = 0.9
KERNEL_DECAY = 0.02
OTHER_RATE = 2e-3
WARMUP_EPOCHS = 1
# Share of the run over which the rate falls to zero. It is constant before, so that a run can be shortened.
DECAY_SHARE = 0.5
LABEL_SMOOTHING = 0.1
CONTRAST_WEIGHT = 0.2
CONTRAST_TEMPERATURE = 0.1
MIXED_BATCHES = 0.2
AVERAGE_DECAY = 0.997
# Small pictures first: early epochs need no detail and cost half.
SIDES = ((0.5, 80), (0.85, 96), (1.0, 112))
EVALUATE_EVERY = 10


def read_pictures(name, listed, convert, cache_folder):
    """Every listed picture converted and stacked; cached under the names and sizes of the files."""
    files = "\n".join(f"{path} {path.stat().st_size}" for path, _ in listed)
    cache = cache_folder / f"{name}-{hashlib.sha256(files.encode()).hexdigest()[:12]}.npy"
    if not cache.exists():
        stacked = numpy.stack([convert(open_rgb(path)) for path, _ in listed])
        partial = cache.with_suffix(".partial.npy")
        numpy.save(partial, stacked)
        os.replace(partial, cache)
    return torch.from_numpy(numpy.load(cache)), torch.tensor([label for _, label in listed])


def contrast_loss(embeddings, labels):
    """Supervised contrastive loss (Khosla et al. 2020, L_out); anchors without a positive do not count."""
    others = ~torch.eye(len(labels), dtype=torch.bool)
    positive = (labels[:, None] == labels[None]) & others
    logits = (embeddings @ embeddings.T / CONTRAST_TEMPERATURE).masked_fill(~others, -torch.inf)
    log_share = (logits - logits.logsumexp(1, keepdim=True)).masked_fill(~positive, 0)
    counts = positive.sum(1)
    return -(log_share.sum(1) / counts.clamp(min=1))[counts > 0].mean()


def mix(pictures, targets, generator):
    """CutMix or mixup with a shuffled batch; the targets are mixed by the share of each picture."""
    count = len(pictures)
    order = torch.randperm(count, generator=generator)
    if torch.rand(1, generator=generator) < 0.5:
        weight = random_boxes(generator, count, pictures.shape[-1], 0.1, 0.6)
    else:
        weight = 0.5 * torch.rand((count, 1, 1, 1), generator=generator)
    mixed = torch.lerp(pictures, pictures[order], weight)
    return mixed, torch.lerp(targets, targets[order], weight.mean((1, 2, 3))[:, None])


def rate_share(progress_epochs, epochs):
    """The share of the peak learning rate: it rises, stays, and falls to zero."""
    warm = min(1.0, (progress_epochs + 0.05) / WARMUP_EPOCHS)
    left = (epochs - progress_epochs) / (epochs * DECAY_SHARE)
    return warm * min(1.0, left)


def batches(photo_labels, drawn_labels, generator):
    """Row pairs (photos, drawings) of one epoch: each photo once, drawings drawn evenly over their classes."""
    drawn_count = DRAWN_IN_BATCH if len(drawn_labels) else 0
    photo_count = BATCH - drawn_count
    order = torch.randperm(len(photo_labels), generator=generator)
    if drawn_count:
        weights = 1.0 / torch.bincount(drawn_labels, minlength=len(CLASSES))[drawn_labels]
    for start in range(0, len(order) - photo_count + 1, photo_count):
        drawn_rows = torch.empty(0, dtype=torch.long)
        if drawn_count:
            drawn_rows = torch.multinomial(weights, drawn_count, replacement=True, generator=generator)
        yield order[start : start + photo_count], drawn_rows


def train_epoch(epoch, epochs, seed, state, photos, drawn):
    """One pass over the photos; returns the mean loss."""
    # Seeded by epoch: a resumed run sees what an unbroken one would have seen.
    generator = torch.Generator().manual_seed(seed * 100_003 + epoch)
    side = next(side for until, side in SIDES if epoch < until * epochs)
    encoder, head, average = state["encoder"], state["head"], state["average"]
    optimizers = ((state["kernels"], KERNEL_RATE), (state["others"], OTHER_RATE))
    encoder.train()
    losses = []
    steps = len(photos[1]) // (BATCH - (DRAWN_IN_BATCH if len(drawn[1]) else 0))
    for step, (photo_rows, drawn_rows) in enumerate(batches(photos[1], drawn[1], generator)):
        labels = torch.cat([photos[1][photo_rows], drawn[1][drawn_rows]])
        pictures = augment(torch.cat([photos[0][photo_rows], drawn[0][drawn_rows]]), side, generator)
        targets = functional.one_hot(labels, len(CLASSES)).float()
        mixed = bool(torch.rand(1, generator=generator) < MIXED_BATCHES)
        if mixed:
            pictures, targets = mix(pictures, targets, generator)
        with torch.autocast("cpu", torch.bfloat16):
            embeddings = encoder(pictures.contiguous(memory_format=torch.channels_last))
        loss = functional.cross_entropy(head(embeddings), targets, label_smoothing=LABEL_SMOOTHING)
        if not mixed:
            loss = loss + CONTRAST_WEIGHT * contrast_loss(embeddings, labels)
        loss.backward()
        share = rate_share(epoch + step / steps, epochs)
        for optimizer, peak in optimizers:
            optimizer.param_groups[0]["lr"] = peak * share
            optimizer.step()
            optimizer.zero_grad(set_to_none=True)
        losses.append(loss.item())
        with torch.no_grad():
            for kept, current in zip(average.state_dict().values(), encoder.state_dict().values()):
                if kept.dtype.is_floating_point:
                    kept.lerp_(current, 1 - AVERAGE_DECAY)
                else:
                    kept.copy_(current)
    return sum(losses) / len(losses)


@torch.no_grad()
def embed(encoder, pixels):
    """Unit embeddings of uint8 pixels [n, 224, 224, 3], pooled as the exported graph pools them."""
    encoder.eval()
    chunks = []
    for chunk in pixels.split(BATCH):
        pooled = functional.avg_pool2d(chunk.permute(0, 3, 1, 2).float(), 2)
        with torch.autocast("cpu", torch.bfloat16):
            chunks.append(encoder(normalize_pixels(pooled).contiguous(memory_format=torch.channels_last)))
    return torch.cat(chunks).numpy()


def measure(encoder, catalog, drawn, held_out):
    """Accuracy of held-out photos voted by the other photos, and by the drawings."""
    queries, truth = embed(encoder, held_out[0]), held_out[1].numpy()
    voted = vote(embed(encoder, catalog[0]), catalog[1].numpy(), queries)
    line = f"holdout {(voted == truth).mean():.4f}"
    line += " (" + " ".join(f"{name} {c}/{t}" for name, (c, t) in by_class(truth, voted).items()) + ")"
    if len(drawn[1]):
        crossed = vote(embed(encoder, drawn[0]), drawn[1].numpy(), queries)
        line += f" by drawings {(crossed == truth).mean():.4f}"
        line += " (" + " ".join(f"{name} {c}/{t}" for name, (c, t) in by_class(truth, crossed).items()) + ")"
    return line


def versions():
    return {
        "python": platform.python_version(),
        "torch": str(torch.__version__),
        "numpy": numpy.__version__,
        "pillow": PIL.__version__,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, required=True)
    parser.add_argument("--drawn", type=Path, action="append", default=[], help="repeatable")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--epochs", type=int, default=150)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--holdout", action="store_true")
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    arguments.out.mkdir(parents=True, exist_ok=True)
    log_file = open(arguments.out / "train.log", "a", buffering=1)

    def log(line):
        stamped = f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%dT%H:%M:%SZ} {line}"
        print(stamped, flush=True)
        log_file.write(stamped + "\n")

    photo_list = list_pictures(arguments.photos)
    held_list = [entry for entry in photo_list if is_held_out(entry[0])] if arguments.holdout else []
    if arguments.holdout:
        photo_list = [entry for entry in photo_list if not is_held_out(entry[0])]
    drawn_list = [entry for folder in arguments.drawn for entry in list_pictures(folder)]
    photos = read_pictures("photos-canvas", photo_list, to_canvas, arguments.out)
    drawn = (torch.empty(0, 3, CANVAS_SIDE, CANVAS_SIDE, dtype=torch.uint8), torch.empty(0, dtype=torch.long))
    if drawn_list:
        drawn = read_pictures("drawn-canvas", drawn_list, to_canvas, arguments.out)
    if held_list:
        held_out = read_pictures("held-pixels", held_list, to_pixels, arguments.out)
        catalog = read_pictures("photos-pixels", photo_list, to_pixels, arguments.out)
        # Every third drawing is catalog enough to measure with, in a third of the time.
        drawn_sample = drawn
        if drawn_list:
            drawn_sample = read_pictures("drawn-pixels", drawn_list[::3], to_pixels, arguments.out)

    encoder, head = Encoder().to(memory_format=torch.channels_last), CosineHead(len(CLASSES))
    average = copy.deepcopy(encoder)
    kernels = [weight for weight in encoder.parameters() if weight.ndim > 1]
    others = [weight for weight in encoder.parameters() if weight.ndim == 1] + [*head.parameters()]
    state = {
        "encoder": encoder,
        "head": head,
        "average": average,
        "kernels": Muon(kernels, KERNEL_RATE, KERNEL_MOMENTUM, KERNEL_DECAY),
        "others": torch.optim.AdamW(others, OTHER_RATE, weight_decay=0.0),
    }
    checkpoint = arguments.out / "checkpoint.pt"
    first_epoch, segments = 0, []
    if checkpoint.exists():
        stored = torch.load(checkpoint, weights_only=True)
        for key, part in state.items():
            part.load_state_dict(stored[key])
        first_epoch, segments = stored["epoch"], stored["segments"]
    # What every part of the run saw, so that the card can tell it.
    segments = segments + [
        {
            "from_epoch": first_epoch,
            "epochs": arguments.epochs,
            "photos": len(photo_list),
            "held_out": len(held_list),
            "drawn": len(drawn_list),
            "seed": arguments.seed,
            **versions(),
        }
    ]
    log(f"interpreter {sys.executable}, run {segments[-1]}, {sum(p.numel() for p in encoder.parameters())} weights")

    for epoch in range(first_epoch, arguments.epochs):
        started = time.monotonic()
        loss = train_epoch(epoch, arguments.epochs, arguments.seed, state, photos, drawn)
        log(f"epoch {epoch + 1}/{arguments.epochs} loss {loss:.4f} seconds {time.monotonic() - started:.1f}")
        partial = checkpoint.with_suffix(".partial")
        stored = {key: part.state_dict() for key, part in state.items()}
        torch.save({**stored, "epoch": epoch + 1, "segments": segments}, partial)
        os.replace(partial, checkpoint)
        if held_list and ((epoch + 1) % EVALUATE_EVERY == 0 or epoch + 1 == arguments.epochs):
            log(f"epoch {epoch + 1} {measure(average, catalog, drawn_sample, held_out)}")


if __name__ == "__main__":
    main()
