"""CLIP's vision tower with the tensor names of Hugging Face's CLIPVisionModelWithProjection.

Written out here so that training needs torch alone; evaluate.py compares it with transformers' own class. Its sizes are
those of config.json.
"""

import json
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

_config = json.loads((Path(__file__).parent / "config.json").read_text())["vision_config"]
IMAGE_SIDE, PATCH_SIDE = _config["image_size"], _config["patch_size"]
WIDTH, LAYERS, HEADS = _config["hidden_size"], _config["num_hidden_layers"], _config["num_attention_heads"]
INNER_WIDTH = _config["intermediate_size"]
PROJECTION = _config["projection_dim"]
NORM_EPSILON = _config["layer_norm_eps"]
# Training averages 2 x 2 pixels first and uses patches of half the side: a quarter of the pixels to augment.
# spread_patches gives the kernel over full pictures that computes the same.
TRAINING_SHRINK = 2


class Attention(nn.Module):
    def __init__(self):
        super().__init__()
        self.q_proj, self.k_proj = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)
        self.v_proj, self.out_proj = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, WIDTH)

    def forward(self, tokens):
        def split(projected):
            return projected.unflatten(2, (HEADS, -1)).transpose(1, 2)

        query, key, value = (split(layer(tokens)) for layer in (self.q_proj, self.k_proj, self.v_proj))
        mixed = functional.scaled_dot_product_attention(query, key, value)
        return self.out_proj(mixed.transpose(1, 2).flatten(2))


class Perceptron(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = nn.Linear(WIDTH, INNER_WIDTH), nn.Linear(INNER_WIDTH, WIDTH)

    def forward(self, tokens):
        hidden = self.fc1(tokens)
        return self.fc2(hidden * torch.sigmoid(1.702 * hidden))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.self_attn, self.mlp = Attention(), Perceptron()
        self.layer_norm1 = nn.LayerNorm(WIDTH, NORM_EPSILON)
        self.layer_norm2 = nn.LayerNorm(WIDTH, NORM_EPSILON)

    def forward(self, tokens):
        tokens = tokens + self.self_attn(self.layer_norm1(tokens))
        return tokens + self.mlp(self.layer_norm2(tokens))


class Embeddings(nn.Module):
    def __init__(self, image_side, patch_side):
        super().__init__()
        self.class_embedding = nn.Parameter(torch.randn(WIDTH) * 0.02)
        self.patch_embedding = nn.Conv2d(3, WIDTH, patch_side, patch_side, bias=False)
        self.position_embedding = nn.Embedding((image_side // patch_side) ** 2 + 1, WIDTH)

    def forward(self, pictures, kept):
        patches = self.patch_embedding(pictures).flatten(2).transpose(1, 2)
        first = self.class_embedding.to(patches.dtype).expand(len(patches), 1, -1)
        tokens = torch.cat([first, patches], 1) + self.position_embedding.weight
        return tokens if kept is None else tokens[:, kept]


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList(Block() for _ in range(LAYERS))


class VisionTransformer(nn.Module):
    def __init__(self, image_side, patch_side):
        super().__init__()
        self.embeddings = Embeddings(image_side, patch_side)
        self.pre_layrnorm = nn.LayerNorm(WIDTH, NORM_EPSILON)
        self.encoder = Encoder()
        self.post_layernorm = nn.LayerNorm(WIDTH, NORM_EPSILON)

    def forward(self, pictures, kept):
        tokens = self.pre_layrnorm(self.embeddings(pictures, kept))
        for block in self.encoder.layers:
            tokens = block(tokens)
        return self.post_layernorm(tokens[:, 0])


class VisionModel(nn.Module):
    """Normalized pictures [n, 3, side, side] to projected embeddings [n, 128], not yet of unit length."""

    def __init__(self, image_side=IMAGE_SIDE, patch_side=PATCH_SIDE):
        super().__init__()
        self.vision_model = VisionTransformer(image_side, patch_side)
        self.visual_projection = nn.Linear(WIDTH, PROJECTION, bias=False)

    def forward(self, pictures, kept=None):
        """`kept` are the token rows to go on with, row 0 being the class token; training leaves some out."""
        return self.visual_projection(self.vision_model(pictures, kept))


def training_model() -> VisionModel:
    """The model over averaged pictures, started where little data gets far."""
    model = VisionModel(IMAGE_SIDE // TRAINING_SHRINK, PATCH_SIDE // TRAINING_SHRINK)
    embeddings = model.vision_model.embeddings
    with torch.no_grad():
        embeddings.patch_embedding.weight.copy_(_cosine_kernels(PATCH_SIDE // TRAINING_SHRINK))
        embeddings.position_embedding.weight.copy_(_grid_positions(IMAGE_SIDE // PATCH_SIDE))
        for block in model.vision_model.encoder.layers:
            nn.init.zeros_(block.mlp.fc2.weight)
            nn.init.zeros_(block.mlp.fc2.bias)
    return model


def _cosine_kernels(side):
    """The 64 lowest two-dimensional cosines for each of three colors: patches begin as their coarse content."""
    per_color = WIDTH // 3
    position = torch.arange(side) + 0.5
    waves = torch.cos(torch.pi / side * torch.arange(side)[:, None] * position)
    waves = waves / waves.norm(dim=1, keepdim=True)
    order = sorted(((row, column) for row in range(side) for column in range(side)), key=lambda at: (sum(at), at))
    plane = torch.stack([torch.outer(waves[row], waves[column]) for row, column in order[:per_color]])
    kernels = torch.zeros(WIDTH, 3, side, side)
    for color in range(3):
        kernels[color * per_color : (color + 1) * per_color, color] = plane
    # A patch's mean is many times its details; dividing by it brings the first tokens near unit size.
    return kernels / side * 4


def _grid_positions(rows):
    """Sines and cosines of row and column, small beside the patches; the class token's position is zero."""
    rates = 1.0 / 100 ** (torch.arange(WIDTH // 4) / (WIDTH // 4))
    angles = torch.arange(rows)[:, None] * rates
    waves = torch.cat([angles.sin(), angles.cos()], 1)
    grid = torch.cat([waves[:, None].expand(-1, rows, -1), waves[None].expand(rows, -1, -1)], 2).flatten(0, 1)
    return torch.cat([torch.zeros(1, WIDTH), grid * 0.5])


def spread_patches(weights: dict[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """Weights over averaged pictures to weights over full ones: each kernel value becomes 2 x 2 quarters."""
    name = "vision_model.embeddings.patch_embedding.weight"
    spread = weights[name].repeat_interleave(TRAINING_SHRINK, 2).repeat_interleave(TRAINING_SHRINK, 3)
    return {**weights, name: spread / TRAINING_SHRINK**2}
