"""Reading labeled pictures, CLIP's preprocessing, and the augmentation of training batches."""

import hashlib
import math
from pathlib import Path

import numpy
import torch
from PIL import Image
from torch.nn import functional

from network import INPUT_SIDE, normalize_pixels

# The first ten are the photo folders; the last four exist as drawings only.
CLASSES = (
    "dress", "hat", "longsleeve", "outwear", "pants", "shirt", "shoes", "shorts", "skirt", "t-shirt",
    "sneakers", "heels", "flats", "bag",
)  # fmt: skip
CLASS_OF_CATEGORY = {
    "one-piece_dress": "dress",
    "accessories_hat": "hat",
    "upperwear_jacket": "outwear",
    "bottomwear_pants": "pants",
    "upperwear_shirt": "shirt",
    "footwear_shoes": "shoes",
    "bottomwear_shorts": "shorts",
    "bottomwear_skirt": "skirt",
    "upperwear_tshirt": "t-shirt",
    "footwear_sneakers": "sneakers",
    "footwear_heels": "heels",
    "footwear_flats": "flats",
    "accessories_bag": "bag",
}
SUFFIXES = {".jpg", ".jpeg", ".png", ".webp"}
HOLDOUT_PERCENT = 15
# A training canvas shows more than the evaluation crop, so that shifts and zooms bring in real pixels:
# the crop is the middle CROP_SIDE of CANVAS_SIDE.
CANVAS_SIDE = 192
CROP_SIDE = 144
CROP_SHARE = CROP_SIDE / CANVAS_SIDE


def list_pictures(folder: Path) -> list[tuple[Path, int]]:
    """Every picture with its class row; folders are photo classes or categories of the drawings."""
    listed = []
    for child in sorted(folder.iterdir()):
        if not child.is_dir():
            continue
        label = CLASSES.index(CLASS_OF_CATEGORY.get(child.name, child.name))
        listed += [(path, label) for path in sorted(child.iterdir()) if path.suffix.lower() in SUFFIXES]
    return listed


def is_held_out(path: Path) -> bool:
    """A split by file name: it survives added pictures and needs no stored list."""
    return hashlib.sha256(path.name.encode()).digest()[0] * 100 < HOLDOUT_PERCENT * 256


def open_rgb(path: Path) -> Image.Image:
    """The picture as RGB; what is transparent becomes white."""
    image = Image.open(path)
    if image.mode in ("RGBA", "LA", "P"):
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.convert("RGB")


def resize_shortest(image: Image.Image, side: int) -> Image.Image:
    shortest = min(image.size)
    width, height = (int(side * length / shortest) for length in image.size)
    return image.resize((width, height), Image.Resampling.BICUBIC)


def to_pixels(image: Image.Image) -> numpy.ndarray:
    """CLIP's preprocessing up to the crop: uint8 [224, 224, 3]."""
    image = resize_shortest(image, INPUT_SIDE)
    left, top = (round((length - INPUT_SIDE) / 2) for length in image.size)
    return numpy.asarray(image.crop((left, top, left + INPUT_SIDE, top + INPUT_SIDE)))


def to_canvas(image: Image.Image) -> numpy.ndarray:
    """The picture on a training canvas, uint8 [3, 192, 192]; missing borders repeat the edge."""
    pixels = numpy.asarray(resize_shortest(image, CROP_SIDE))
    for axis in (0, 1):
        excess = pixels.shape[axis] - CANVAS_SIDE
        if excess > 0:
            pixels = pixels.take(range(excess // 2, excess // 2 + CANVAS_SIDE), axis)
        elif excess < 0:
            before = -excess // 2
            widths = [(0, 0)] * 3
            widths[axis] = (before, -excess - before)
            pixels = numpy.pad(pixels, widths, mode="edge")
    return pixels.transpose(2, 0, 1)


def _uniform(generator, count, low, high):
    return low + (high - low) * torch.rand(count, generator=generator)


def _affine(generator, count):
    """One random view a picture: zoom, aspect, rotation, shear, shift and mirror, as grid matrices [n, 2, 3]."""
    zoom = torch.exp(_uniform(generator, count, math.log(0.7), math.log(1.1)))
    aspect = torch.exp(_uniform(generator, count, -0.15, 0.15))
    angle = _uniform(generator, count, -0.2, 0.2)
    shear = _uniform(generator, count, -0.15, 0.15)
    mirror = (torch.rand(count, generator=generator) < 0.5).float() * 2 - 1
    slack = (1 - zoom).clamp(min=0) * 0.8 + 0.1
    matrix = torch.zeros(count, 2, 3)
    matrix[:, 0, 0] = zoom * aspect * torch.cos(angle) * mirror
    matrix[:, 0, 1] = zoom * (shear - torch.sin(angle))
    matrix[:, 1, 0] = zoom * torch.sin(angle) * mirror
    matrix[:, 1, 1] = zoom / aspect * torch.cos(angle)
    matrix[:, :, 2] = slack[:, None] * _uniform(generator, (count, 2), -1, 1)
    return matrix * CROP_SHARE


def _recolor(pictures, generator):
    """Strong color change, values in [0, 255]: a garment's category does not depend on its color."""
    count = len(pictures)
    # A rotation about the gray axis is a hue shift; scaling around that axis is saturation.
    angle = _uniform(generator, count, -math.pi, math.pi)
    angle = torch.where(torch.rand(count, generator=generator) < 0.2, angle, angle * 0.08)
    third = torch.full((3, 3), 1 / 3)
    cross = torch.tensor([[0.0, -1, 1], [1, 0, -1], [-1, 1, 0]]) / math.sqrt(3)
    cosine, sine = torch.cos(angle)[:, None, None], torch.sin(angle)[:, None, None]
    saturation = _uniform(generator, count, 0.2, 1.6)
    saturation[torch.rand(count, generator=generator) < 0.1] = 0
    rotation = saturation[:, None, None] * (cosine * (torch.eye(3) - third) + sine * cross) + third
    gain = torch.exp(_uniform(generator, (count, 3, 1), -0.12, 0.12))
    contrast = torch.exp(_uniform(generator, (count, 1, 1), -0.45, 0.35))
    brightness = torch.exp(_uniform(generator, (count, 1, 1), -0.35, 0.3))
    flat = (gain * rotation) @ pictures.flatten(2)
    middle = flat.mean((1, 2), keepdim=True)
    flat = ((flat - middle) * contrast + middle) * brightness
    return flat.clamp_(0, 255).view_as(pictures)


def random_boxes(generator, count, side, low, high):
    """Masks [n, 1, side, side] of one box a picture that covers a share of it between low and high."""
    share = _uniform(generator, count, low, high)
    aspect = torch.exp(_uniform(generator, count, -0.7, 0.7))
    axis = torch.arange(side)
    inside = []
    for extent in ((share * aspect).sqrt() * side, (share / aspect).sqrt() * side):
        middle = torch.rand(count, generator=generator) * side
        inside.append((axis[None] - middle[:, None]).abs() <= extent[:, None] / 2)
    return (inside[0][:, None, :, None] & inside[1][:, None, None, :]).float()


def augment(canvases: torch.Tensor, side: int, generator: torch.Generator) -> torch.Tensor:
    """Canvases uint8 [n, 3, 192, 192] to normalized training pictures [n, 3, side, side]."""
    count = len(canvases)
    grid = functional.affine_grid(_affine(generator, count), [count, 3, side, side], align_corners=False)
    pictures = functional.grid_sample(canvases.float(), grid, padding_mode="border", align_corners=False)
    pictures = _recolor(pictures, generator)
    erased = random_boxes(generator, count, side, 0.02, 0.2)
    erased *= (torch.rand(count, generator=generator) < 0.25).float()[:, None, None, None]
    fill = _uniform(generator, (count, 3, 1, 1), 0, 255)
    return normalize_pixels(torch.lerp(pictures, fill, erased))
