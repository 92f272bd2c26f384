#!/usr/bin/env python3
"""Makes data/clip/: tiny seeded CLIP checkpoints, pictures, and the embeddings that the reference implementations give.

    pip install -r clip-requirements.txt
    python3 make-clip-goldens.py             write data/clip/
    python3 make-clip-goldens.py --check     compute everything again from the stored checkpoints; writes nothing

A checkpoint is saved by transformers or open_clip as they save one, opened again by the same package, and fed with
pictures: pixel / 255, minus mean, divided by standard deviation, model, L2 norm, all in float32; `length` is what the
norm takes away. `inputs` are pictures drawn by formula at the model's own size; `photos` are files, which Pillow decodes
and resizes, and which torchvision (`clip-exact`) or the processor of transformers (`clip-hf-exact`) cuts. The script
ends without goldens unless the pictures differ, and activation, mean and epsilon show in the embeddings: what a wrong
model meets, too, proves nothing.
"""
import hashlib
import json
import os
import shutil
import sys

import numpy
import open_clip
import torch
from PIL import Image
from safetensors.torch import save_file
from transformers import CLIPConfig, CLIPImageProcessor, CLIPModel, CLIPVisionConfig, CLIPVisionModelWithProjection

import clip_reference as reference

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "data", "clip")
KINDS = ["noise", "gradient", "checker", "lines", "disc"]
PHOTOS = [("gradient", 97, 132, "jpg"), ("disc", 133, 100, "jpg"), ("noise", 75, 50, "jpg"), ("checker", 64, 201, "png")]
DTYPES = {"f32": torch.float32, "f16": torch.float16, "bf16": torch.bfloat16}

MAX_COSINE = 0.95  # of any two pictures by formula; untrained weights of the usual width give 0.999
MIN_CHANGE = 0.001  # of some value, when activation, mean or epsilon is another: ten times what the test tolerates
MAX_ROUNDING = 2e-6  # float32 against float64 in the reference itself
MAX_CHECK_DIFFERENCE = 2e-6  # between two machines

CASES = [
    dict(id="hf-whole-quick-gelu-f32", kind="hugging-face", saves="whole model", file="model.safetensors",
         dtype="f32", activation="quick_gelu", side=32, patch=8, width=32, mlp=96, layers=2, heads=2, dimension=24,
         seed=1),
    dict(id="hf-vision-gelu-bf16", kind="hugging-face", saves="vision tower", file="model.safetensors", dtype="bf16",
         activation="gelu", side=64, patch=16, width=36, mlp=144, layers=2, heads=3, dimension=32, seed=2,
         epsilon=0.01, mean=(0.5, 0.45, 0.4), std=(0.25, 0.5, 0.3)),
    dict(id="hf-whole-quick-gelu-f16-bin", kind="hugging-face", saves="whole model", file="pytorch_model.bin",
         dtype="f16", activation="quick_gelu", side=32, patch=8, width=64, mlp=32, layers=2, heads=1, dimension=16,
         seed=3),
    dict(id="open-clip-quick-gelu-bf16", kind="open-clip", saves="CLIP", file="open_clip_model.safetensors",
         dtype="bf16", activation="quick_gelu", side=32, patch=8, width=64, mlp=64, layers=2, heads=1, dimension=32,
         seed=4),
    dict(id="open-clip-custom-text-gelu-f16", kind="open-clip", saves="CustomTextCLIP", dtype="f16",
         file="open_clip_model.safetensors", activation="gelu", side=64, patch=16, width=32, mlp=128, layers=3, heads=2,
         dimension=24, seed=5),
    dict(id="open-clip-gelu-f32-bin", kind="open-clip", saves="CLIP", file="open_clip_pytorch_model.bin", dtype="f32",
         activation="gelu", side=32, patch=8, width=32, mlp=64, layers=2, heads=4, dimension=16, seed=6,
         mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5)),
]
DEFAULTS = dict(epsilon=1e-5, mean=reference.CLIP_MEAN, std=reference.CLIP_STD)


def save_hugging_face(case, folder):
    whole = case["saves"] == "whole model"
    vision = dict(hidden_size=case["width"], intermediate_size=case["mlp"], num_hidden_layers=case["layers"],
                  num_attention_heads=case["heads"], image_size=case["side"], patch_size=case["patch"],
                  hidden_act=case["activation"], layer_norm_eps=case["epsilon"], projection_dim=case["dimension"])
    text = dict(hidden_size=16, intermediate_size=32, num_hidden_layers=1, num_attention_heads=2, vocab_size=50,
                max_position_embeddings=8, hidden_act=case["activation"], projection_dim=case["dimension"],
                bos_token_id=48, eos_token_id=49)
    if whole:
        model = CLIPModel(CLIPConfig(vision_config=vision, text_config=text, projection_dim=case["dimension"]))
    else:
        model = CLIPVisionModelWithProjection(CLIPVisionConfig(**vision))
    reference.fill_with_random_weights(model, case["seed"])
    model = model.to(DTYPES[case["dtype"]])
    state = model.state_dict()
    if whole:
        # Older releases of transformers kept these buffers in the checkpoint, and the published ones have them.
        places = (case["side"] // case["patch"]) ** 2 + 1
        state["text_model.embeddings.position_ids"] = torch.arange(8).unsqueeze(0)
        state["vision_model.embeddings.position_ids"] = torch.arange(places).unsqueeze(0)
    model.config.architectures = [type(model).__name__]
    model.config.dtype = DTYPES[case["dtype"]]
    model.config.save_pretrained(folder)
    save_state(state, folder, case["file"])
    save_processor(case, folder)


def save_processor(case, folder):
    side, mean, std = case["side"], list(case["mean"]), list(case["std"])
    if case["file"].endswith(".bin"):
        # As the repositories of 2021 have it: sizes are plain numbers, and half of today's fields are absent.
        old = {"crop_size": side, "do_center_crop": True, "do_normalize": True, "do_resize": True,
               "feature_extractor_type": "CLIPFeatureExtractor", "image_mean": mean, "image_std": std, "resample": 3,
               "size": side}
        write_json(os.path.join(folder, "preprocessor_config.json"), old)
        return
    CLIPImageProcessor(size={"shortest_edge": side}, crop_size={"height": side, "width": side},
                       image_mean=mean, image_std=std).save_pretrained(folder)


def save_open_clip(case, folder):
    vision = dict(image_size=case["side"], layers=case["layers"], width=case["width"], patch_size=case["patch"])
    if case["width"] // case["heads"] != 64:
        vision["head_width"] = case["width"] // case["heads"]
    if case["mlp"] != 4 * case["width"]:
        vision["mlp_ratio"] = case["mlp"] / case["width"]
    text = dict(context_length=8, vocab_size=50, width=16, heads=2, layers=1)
    config = dict(embed_dim=case["dimension"], vision_cfg=vision, text_cfg=text)
    if case["activation"] == "quick_gelu":
        config["quick_gelu"] = True
    custom = case["saves"] == "CustomTextCLIP"
    model = (open_clip.CustomTextCLIP if custom else open_clip.CLIP)(**config)
    reference.fill_with_random_weights(model, case["seed"])
    save_state(model.to(DTYPES[case["dtype"]]).state_dict(), folder, case["file"])
    config.update(dict(custom_text=True) if custom else {})
    preprocess = dict(mean=list(case["mean"]), std=list(case["std"]))
    write_json(os.path.join(folder, "open_clip_config.json"), dict(model_cfg=config, preprocess_cfg=preprocess))


def save_state(state, folder, file):
    path = os.path.join(folder, file)
    if file.endswith(".bin"):
        torch.save(state, path)  # an OrderedDict with its `_metadata`, as every published one
    else:
        save_file({name: value.contiguous() for name, value in state.items()}, path, metadata={"format": "pt"})
        os.chmod(path, 0o644)


def write_json(path, value):
    with open(path, "w") as file:
        file.write(json.dumps(value, indent=1) + "\n")


def save_photos():
    os.makedirs(os.path.join(DATA, "photos"))
    for kind, width, height, extension in PHOTOS:
        path = os.path.join(DATA, "photos", f"{kind}-{width}x{height}.{extension}")
        image = Image.fromarray(reference.draw(kind, width, height))
        image.save(path, **({"quality": 85} if extension == "jpg" else {}))


def golden_of(case):
    folder = os.path.join(DATA, case["id"])
    model, encode = reference.open_reference(folder, case["kind"])
    pixels = numpy.stack([reference.draw(kind, case["side"], case["side"]) for kind in KINDS])
    embeddings = reference.embed(encode, pixels, case["mean"], case["std"])
    names = sorted(os.listdir(os.path.join(DATA, "photos")))
    photos = [(name, recipe) for name in names for recipe in reference.RECIPES]
    views = numpy.stack([reference.preprocess(os.path.join(DATA, "photos", name), case["side"], recipe)
                         for name, recipe in photos])
    seen = reference.embed(encode, views, case["mean"], case["std"])
    lengths = reference.project(encode, pixels, case["mean"], case["std"]).norm(dim=-1)
    rows = [dict(kind=kind, sha256=digest(pixels[i]), length=float(lengths[i]), embedding=exact(embeddings[i]))
            for i, kind in enumerate(KINDS)]
    files = [dict(file=name, recipe=recipe, sha256=digest(views[i]), embedding=exact(seen[i]))
             for i, (name, recipe) in enumerate(photos)]
    proof = prove(case, model, encode, pixels, embeddings)
    return {**case, "weightsSha256": digest_of_file(os.path.join(folder, case["file"])), "proof": proof,
            "inputs": rows, "photos": files}


def prove(case, model, encode, pixels, embeddings):
    """What shows that this golden can be missed; ends the script where it could not."""
    cosines = embeddings @ embeddings.T
    largest = float((cosines - 2 * numpy.eye(len(KINDS))).max())

    def change(other, mean=case["mean"], dtype=torch.float32):
        return float(numpy.abs(reference.embed(other, pixels, mean, case["std"], dtype) - embeddings).max())

    brighter = tuple(each + 0.05 for each in case["mean"])
    changes = {"activation": change(with_other_activation(case)), "mean": change(encode, brighter)}
    if case["epsilon"] != DEFAULTS["epsilon"]:
        changes["epsilon"] = change(with_epsilon(case, DEFAULTS["epsilon"]))
    model.double()
    rounding = change(encode, dtype=torch.float64)
    if largest > MAX_COSINE or min(changes.values()) < MIN_CHANGE or rounding > MAX_ROUNDING:
        sys.exit(f"{case['id']}: cosine of two pictures {largest}, changes {changes}, rounding {rounding}")
    return {"largestCosineOfTwoInputs": largest, "changesWhenDifferent": changes, "float64Difference": rounding}


def with_other_activation(case):
    model, encode = reference.open_reference(os.path.join(DATA, case["id"]), case["kind"])
    other = torch.nn.GELU() if case["activation"] == "quick_gelu" else open_clip.transformer.QuickGELU()
    if case["kind"] == "open-clip":
        for block in model.visual.transformer.resblocks:
            block.mlp.gelu = other
    else:
        for layer in model.vision_model.encoder.layers:
            layer.mlp.activation_fn = other
    return encode


def with_epsilon(case, epsilon):
    model, encode = reference.open_reference(os.path.join(DATA, case["id"]), case["kind"])
    for module in model.modules():
        if isinstance(module, torch.nn.LayerNorm):
            module.eps = epsilon
    return encode


def digest(values):
    return hashlib.sha256(values.tobytes()).hexdigest()


def digest_of_file(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def exact(embedding):
    """Nine digits name a float32 exactly."""
    return [float(f"{value:.9g}") for value in embedding]


def write():
    shutil.rmtree(DATA, ignore_errors=True)
    save_photos()
    cases = [{**DEFAULTS, **case} for case in CASES]
    for case in cases:
        folder = os.path.join(DATA, case["id"])
        os.makedirs(folder)
        (save_hugging_face if case["kind"] == "hugging-face" else save_open_clip)(case, folder)
    goldens = [golden_of(case) for case in cases]
    about = "unit embeddings by transformers and open_clip; made by make-clip-goldens.py, which says how"
    lines = ",\n".join("  " + json.dumps(golden, separators=(",", ":")) for golden in goldens)
    head = json.dumps({"about": about, "versions": reference.versions()}, indent=1)[:-2]
    with open(os.path.join(DATA, "cases.json"), "w") as file:
        file.write(head + ',\n "cases": [\n' + lines + "\n ]\n}\n")


def check():
    with open(os.path.join(DATA, "cases.json")) as file:
        stored = json.load(file)["cases"]
    worst = 0.0
    for golden in stored:
        now = golden_of({key: golden[key] for key in ({**DEFAULTS, **CASES[0]})})
        for part in ("inputs", "photos"):
            for old, new in zip(golden[part], now[part], strict=True):
                if old["sha256"] != new["sha256"]:
                    sys.exit(f"{golden['id']}: {old.get('kind', old.get('file'))} has other pixels here")
                worst = max(worst, float(numpy.abs(numpy.subtract(old["embedding"], new["embedding"])).max()))
    print(json.dumps({"cases": len(stored), "largestDifference": worst, "versions": reference.versions()}))
    sys.exit(1 if worst > MAX_CHECK_DIFFERENCE else 0)


if __name__ == "__main__":
    reference.check_pillow()
    torch.set_num_threads(1)
    check() if sys.argv[1:] == ["--check"] else write()
