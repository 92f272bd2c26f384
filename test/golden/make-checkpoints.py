#!/usr/bin/env python3
"""Makes data/checkpoints: small files of real torch and safetensors, and expected.json with what torch says is in them.

    python3 make-checkpoints.py            write the files and expected.json
    python3 make-checkpoints.py --check    load the stored files again and compare them with expected.json; writes nothing

Needs torch, safetensors and numpy; expected.json records the versions. Values are float32, as hex of their
little-endian bytes, so that -0 and infinity are themselves. os-system.bin asks for a call of os.system; it is never loaded.
"""
import collections, json, os, platform, sys, warnings
import numpy as np
import safetensors
import safetensors.torch
import torch

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "data", "checkpoints")
READABLE = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16"}
LISTED = {torch.float64: "F64", torch.int64: "I64", torch.int32: "I32", torch.int16: "I16", torch.int8: "I8",
          torch.uint8: "U8", torch.bool: "BOOL", torch.complex64: "C64"}


class Echo:
    def __reduce__(self):
        return os.system, ("echo a checkpoint ran a command",)


def extremes(bits, dtype):
    return torch.from_numpy(np.array(bits, dtype=np.uint16).view(np.int16)).view(dtype)


def typed():
    """Each type, a scalar, nothing at all, and the numbers at the edges of the 16-bit formats."""
    draw = torch.Generator().manual_seed(3)
    half = [0x0000, 0x8000, 0x0001, 0x83FF, 0x0400, 0x7BFF, 0xFBFF, 0x7C00, 0xFC00, 0x7E00, 0x3555, 0xC100]
    brain = [0x0000, 0x8000, 0x0001, 0x807F, 0x0080, 0x7F7F, 0xFF7F, 0x7F80, 0xFF80, 0x7FC0, 0x3EAB, 0xC020]
    return collections.OrderedDict([
        ("weight", torch.randn(5, 7, generator=draw)),
        ("half", extremes(half, torch.float16).reshape(3, 4)),
        ("brain", extremes(brain, torch.bfloat16).reshape(2, 2, 3)),
        ("edges", torch.tensor([0.0, -0.0, 1e-45, -3.4028235e38, float("inf"), float("-inf"), float("nan")])),
        ("scalar", torch.tensor(2.6592)),
        ("nothing", torch.zeros(0, 3)),
        ("position_ids", torch.arange(5).expand((1, -1))),
        ("double", torch.tensor([1.5, 2.5], dtype=torch.float64)),
        ("int32", torch.tensor([1], dtype=torch.int32)),
        ("int16", torch.tensor([1], dtype=torch.int16)),
        ("int8", torch.tensor([1], dtype=torch.int8)),
        ("uint8", torch.tensor([1], dtype=torch.uint8)),
        ("bool", torch.tensor([True, False])),
        ("complex", torch.tensor([1 + 2j])),
    ])


def views():
    """What shares a storage or does not lie in it row by row."""
    whole = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4) / 8
    half = torch.arange(20, dtype=torch.float16).reshape(4, 5)
    return {
        "whole": whole,
        "tied": whole,
        "tail": whole[1:],
        "transposed": whole.permute(2, 0, 1),
        "stepped": whole[:, ::2, 1::2],
        "overlapping": whole.reshape(-1).as_strided((5, 4), (2, 1), 3),
        "expanded": whole[0, 1, :2].reshape(2, 1).expand(2, 3),
        "diagonal": torch.arange(9, dtype=torch.float32).reshape(3, 3).diagonal(),
        "one": whole[1, 2, 3],
        "row": half.t()[1:2],
        "half": half[1:, 2:].t(),
        "empty": whole[2:],
        "column": whole[:, :1, :1],
        "channels_last": torch.arange(24, dtype=torch.float32).reshape(1, 2, 3, 4).contiguous(memory_format=torch.channels_last),
    }


class Tower(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = torch.nn.Parameter(torch.ones([]) * 2.6592)
        self.conv = torch.nn.Conv2d(3, 2, 2, bias=False)
        self.norm = torch.nn.BatchNorm1d(2)
        self.register_buffer("position_ids", torch.arange(3))

    def forward(self, x):
        return self.norm(self.conv(x).flatten(1)) * self.scale


def tower():
    torch.manual_seed(5)
    return Tower()


def training():
    """As open_clip's training program writes it: weights of a model on several devices beside the optimizer's state."""
    model = tower()
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-4)
    sum(parameter.sum() for parameter in model.parameters()).backward()
    optimizer.step()
    weights = collections.OrderedDict((f"module.{name}", each) for name, each in model.state_dict().items())
    return {"epoch": 3, "name": "tower-b", "state_dict": weights, "optimizer": optimizer.state_dict(),
            "scaler": {"scale": 65536.0, "growth_factor": 2.0, "_growth_tracker": 0}}


def make(at):
    torch.save(typed(), at("typed.bin"))
    torch.save(typed(), at("protocol4.bin"), pickle_protocol=4)
    torch.save(views(), at("views.bin"))
    torch.save(tower().state_dict(), at("module.bin"))
    torch.save({"model": dict(tower().named_parameters())}, at("parameters.bin"))
    torch.save(training(), at("training.pt"))
    torch.save(tower().state_dict(), at("old.bin"), _use_new_zipfile_serialization=False)
    torch.save({"weight": torch.ones(2), "extra": Echo()}, at("os-system.bin"))
    torch.save(tower(), at("whole-module.bin"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.jit.script(tower()).save(at("torchscript.pt"))
    contiguous = {name: each.contiguous() for name, each in typed().items() if name != "complex"}
    safetensors.torch.save_file(contiguous, at("typed.safetensors"), metadata={"format": "pt", "note": "\u00e9 \u2028"})


def described(tensor):
    shape = list(tensor.shape)
    if tensor.dtype in LISTED:
        return {"dtype": LISTED[tensor.dtype], "shape": shape}
    values = tensor.detach().to(torch.float32).contiguous().numpy()
    return {"dtype": READABLE[tensor.dtype], "shape": shape, "values": values.astype("<f4").tobytes().hex()}


def expected(at):
    """By loading the files again, so that it is torch's reading which ours is compared with."""
    unwrap = {"parameters.bin": lambda saved: saved["model"],
              "training.pt": lambda saved: {name.removeprefix("module."): each for name, each in saved["state_dict"].items()}}
    files = {}
    for name in ["typed.bin", "protocol4.bin", "views.bin", "module.bin", "parameters.bin", "training.pt"]:
        saved = torch.load(at(name), map_location="cpu", weights_only=name != "protocol4.bin")  # which only Python's own reader takes
        files[name] = {key: described(each) for key, each in unwrap.get(name, dict)(saved).items()}
    files["typed.safetensors"] = {key: described(each) for key, each in safetensors.torch.load_file(at("typed.safetensors")).items()}
    return files


def main():
    at = lambda name: os.path.join(DATA, name)
    stored = at("expected.json")
    if "--check" in sys.argv:
        with open(stored) as file:
            assert json.load(file)["files"] == expected(at), "torch reads other values than expected.json holds"
        return print("the stored files hold what expected.json says")
    os.makedirs(DATA, exist_ok=True)
    make(at)
    versions = {"python": platform.python_version(), "torch": torch.__version__.split("+")[0],
                "safetensors": safetensors.__version__, "numpy": np.__version__}
    with open(stored, "w") as file:
        json.dump({"versions": versions, "files": expected(at)}, file, indent=1)
        file.write("\n")
    for name in sorted(os.listdir(DATA)):
        size = os.path.getsize(at(name))
        assert size < 30_000, (name, size)
        print(f"{size:6} {name}")


main()
