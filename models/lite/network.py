"""The encoder's shape: a small residual network over 112 px pictures, and the head it is trained with."""

import torch
from torch import nn
from torch.nn import functional

INPUT_SIDE = 224
POOLED_SIDE = 112
DIMENSION = 512
# CLIP's statistics, so that a picture prepared for CLIP is prepared for this network.
MEAN = (0.48145466, 0.4578275, 0.40821073)
DEVIATION = (0.26862954, 0.26130258, 0.27577711)


class ResidualBlock(nn.Module):
    """Two 3x3 convolutions and a shortcut; the shortcut averages before it strides, so no pixel is skipped."""

    def __init__(self, channels_in: int, channels_out: int, stride: int):
        super().__init__()
        self.first = nn.Conv2d(channels_in, channels_out, 3, stride, 1, bias=False)
        self.first_norm = nn.BatchNorm2d(channels_out)
        self.second = nn.Conv2d(channels_out, channels_out, 3, 1, 1, bias=False)
        self.second_norm = nn.BatchNorm2d(channels_out)
        self.stride = stride
        self.projection = None
        if stride != 1 or channels_in != channels_out:
            self.projection = nn.Conv2d(channels_in, channels_out, 1, bias=False)
            self.projection_norm = nn.BatchNorm2d(channels_out)
        # A block starts as its shortcut, which lets a high learning rate start safely.
        nn.init.zeros_(self.second_norm.weight)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        shortcut = features
        if self.projection is not None:
            if self.stride == 2:
                shortcut = functional.avg_pool2d(shortcut, 2)
            shortcut = self.projection_norm(self.projection(shortcut))
        features = functional.relu(self.first_norm(self.first(features)))
        return functional.relu(self.second_norm(self.second(features)) + shortcut)


class Encoder(nn.Module):
    """Normalized pictures [n, 3, side, side] to unit embeddings [n, 512]; any side divisible by 16."""

    def __init__(self, widths=(32, 64, 160, 256), depths=(1, 2, 2, 1)):
        super().__init__()
        self.stem = nn.Conv2d(3, widths[0], 3, 2, 1, bias=False)
        self.stem_norm = nn.BatchNorm2d(widths[0])
        blocks = []
        channels = widths[0]
        for stage, (width, depth) in enumerate(zip(widths, depths)):
            for position in range(depth):
                stride = 2 if stage > 0 and position == 0 else 1
                blocks.append(ResidualBlock(channels, width, stride))
                channels = width
        self.blocks = nn.ModuleList(blocks)
        # Centering matters: pooled features are all positive, and without it every embedding starts out alike.
        self.embed = nn.Linear(channels, DIMENSION, bias=False)
        self.embed_norm = nn.BatchNorm1d(DIMENSION)

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        features = functional.relu(self.stem_norm(self.stem(pictures)))
        for block in self.blocks:
            features = block(features)
        embeddings = self.embed_norm(self.embed(features.mean((2, 3))).float())
        return functional.normalize(embeddings, dim=1)


class CosineHead(nn.Module):
    """Class logits as scaled cosines to one direction a class, so that the embedding space itself clusters."""

    SCALE = 16.0

    def __init__(self, classes: int):
        super().__init__()
        self.directions = nn.Parameter(torch.randn(classes, DIMENSION) * DIMENSION**-0.5)

    def forward(self, embeddings: torch.Tensor) -> torch.Tensor:
        return self.SCALE * embeddings @ functional.normalize(self.directions, dim=1).T


def normalize_pixels(pixels: torch.Tensor) -> torch.Tensor:
    """Values in [0, 255], [n, 3, h, w], to the network's input."""
    mean = torch.tensor(MEAN).view(1, 3, 1, 1) * 255
    deviation = torch.tensor(DEVIATION).view(1, 3, 1, 1) * 255
    return (pixels - mean) / deviation
