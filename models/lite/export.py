"""Turns a training checkpoint into model.onnx and its manifest encoder.json.

    python export.py --checkpoint RUN/checkpoint.pt --out models/lite

The graph takes uint8 pixels [n, 224, 224, 3] and gives unit embeddings float32 [n, 512]. Weights are stored as
float16 and cast once when the runtime loads them. The result is compared with torch before it is written.
"""

import argparse
import hashlib
import json
import os
from pathlib import Path

import numpy
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch.nn import functional

from network import DEVIATION, DIMENSION, INPUT_SIDE, MEAN, Encoder, normalize_pixels

OPSET = 17
# Version 8 is what opset 17 came with: older runtimes load the file, too.
IR_VERSION = 8
MINIMUM_AGREEMENT = 0.9999
PROBE_MINIMUM_COSINE = 0.99


def fold(layer, norm) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Kernel and bias of a layer with the batch normalization after it folded in."""
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    kernel = layer.weight * scale.view(-1, *[1] * (layer.weight.ndim - 1))
    return kernel.numpy(), (norm.bias - norm.running_mean * scale).numpy()


class GraphWriter:
    """Collects nodes and constants; every method returns the name of its output."""

    def __init__(self):
        self.nodes, self.constants = [], []

    def add(self, operator, inputs, output=None, **attributes):
        output = output or f"{operator.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def constant(self, values):
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(numpy.ascontiguousarray(values), name))
        return name

    def weights(self, values):
        """Stored as float16, used as float32; the runtime folds the cast away."""
        return self.add("Cast", [self.constant(values.astype(numpy.float16))], to=TensorProto.FLOAT)

    def convolution(self, features, convolution, norm):
        kernel, bias = fold(convolution, norm)
        return self.add(
            "Conv",
            [features, self.weights(kernel), self.constant(bias)],
            kernel_shape=convolution.kernel_size,
            strides=convolution.stride,
            pads=convolution.padding * 2,
        )

    def halve(self, features):
        return self.add("AveragePool", [features], kernel_shape=[2, 2], strides=[2, 2])

    def block(self, features, block):
        shortcut = features
        if block.projection is not None:
            shortcut = self.halve(shortcut) if block.stride == 2 else shortcut
            shortcut = self.convolution(shortcut, block.projection, block.projection_norm)
        inner = self.add("Relu", [self.convolution(features, block.first, block.first_norm)])
        inner = self.convolution(inner, block.second, block.second_norm)
        return self.add("Relu", [self.add("Add", [inner, shortcut])])


@torch.no_grad()
def to_graph(encoder: Encoder) -> onnx.ModelProto:
    writer = GraphWriter()
    features = writer.add("Cast", ["pixels"], to=TensorProto.FLOAT)
    features = writer.halve(writer.add("Transpose", [features], perm=[0, 3, 1, 2]))
    mean = numpy.array(MEAN, numpy.float32).reshape(1, 3, 1, 1) * 255
    deviation = numpy.array(DEVIATION, numpy.float32).reshape(1, 3, 1, 1) * 255
    features = writer.add("Sub", [features, writer.constant(mean)])
    features = writer.add("Mul", [features, writer.constant(1 / deviation)])
    features = writer.add("Relu", [writer.convolution(features, encoder.stem, encoder.stem_norm)])
    for block in encoder.blocks:
        features = writer.block(features, block)
    features = writer.add("Flatten", [writer.add("GlobalAveragePool", [features])])
    kernel, bias = fold(encoder.embed, encoder.embed_norm)
    features = writer.add("Gemm", [features, writer.weights(kernel.T), writer.constant(bias)])
    writer.add("LpNormalization", [features], "embedding", axis=1, p=2)
    graph = helper.make_graph(
        writer.nodes,
        "stygig-lite",
        [helper.make_tensor_value_info("pixels", TensorProto.UINT8, ["n", INPUT_SIDE, INPUT_SIDE, 3])],
        [helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", DIMENSION])],
        writer.constants,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], producer_name="stygig")
    model.ir_version = IR_VERSION
    onnx.checker.check_model(model, full_check=True)
    return model


def ramp() -> numpy.ndarray:
    """The probe picture ramp-v1: computed, so that nothing needs to be stored or decoded."""
    y, x = numpy.mgrid[:INPUT_SIDE, :INPUT_SIDE]
    return numpy.stack([x * 255 // 223, y * 255 // 223, (x * 7 + y * 13) % 256], axis=2).astype(numpy.uint8)


@torch.no_grad()
def agreement(encoder: Encoder, session) -> float:
    """The lowest cosine between torch and the exported graph over the probe, noise, and flat pictures."""
    random = numpy.random.default_rng(0)
    noise = random.integers(0, 256, (6, INPUT_SIDE, INPUT_SIDE, 3), dtype=numpy.uint8)
    flat = numpy.broadcast_to(random.integers(0, 256, (6, 1, 1, 3), dtype=numpy.uint8), noise.shape)
    pixels = numpy.concatenate([ramp()[None], noise, flat])
    pooled = functional.avg_pool2d(torch.from_numpy(pixels).permute(0, 3, 1, 2).float(), 2)
    expected = encoder(normalize_pixels(pooled)).numpy()
    return float((expected * session.run(["embedding"], {"pixels": pixels})[0]).sum(1).min())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checkpoint", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    arguments = parser.parse_args()

    stored = torch.load(arguments.checkpoint, weights_only=True)
    encoder = Encoder()
    encoder.load_state_dict(stored["average"])
    encoder.eval()
    content = to_graph(encoder).SerializeToString()
    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    cosine = agreement(encoder, session)
    if cosine < MINIMUM_AGREEMENT:
        raise SystemExit(f"the exported graph disagrees with torch: cosine {cosine:.6f}")
    probe = session.run(["embedding"], {"pixels": ramp()[None]})[0][0]
    manifest = {
        "format": "stygig-encoder",
        "version": 2,
        "name": "stygig-lite",
        "input": {"name": "pixels", "layout": "nhwc", "dtype": "uint8", "side": INPUT_SIDE},
        "preprocess": "clip-exact-224",
        "output": {"name": "embedding", "dimension": DIMENSION, "normalized": True},
        "models": [
            {
                "precision": "fp32",
                "file": "model.onnx",
                "sha256": hashlib.sha256(content).hexdigest(),
                "probe": {
                    "pattern": "ramp-v1",
                    "embedding": [round(float(value), 6) for value in probe],
                    "minCosine": PROBE_MINIMUM_COSINE,
                },
            }
        ],
    }
    for name, data in (("model.onnx", content), ("encoder.json", (json.dumps(manifest, indent=2) + "\n").encode())):
        partial = arguments.out / f"{name}.partial"
        partial.write_bytes(data)
        os.replace(partial, arguments.out / name)
    print(f"epoch {stored['epoch']}, {len(content)} bytes, lowest cosine to torch {cosine:.6f}")
    for segment in stored["segments"]:
        print(json.dumps(segment))


if __name__ == "__main__":
    main()
