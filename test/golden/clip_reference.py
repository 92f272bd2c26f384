"""The reference implementations of CLIP's picture tower, and seeded weights that make them tell pictures apart.

Used by make-clip-goldens.py and check-full-size-clip.py; what to install stands in clip-requirements.txt. Pillow must
be before 13: from 13.0 on (pull request 9549) tall pictures are resized down before across, CLIP's went across first.
"""
import importlib.util
import os
import platform
import sys

import numpy
import open_clip
import PIL
import torch
import torchvision
import transformers
from PIL import Image, ImageOps
from torchvision.transforms import CenterCrop, Compose, InterpolationMode, Resize
from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

# The text tower is left over on purpose, and reported name by name.
transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()

CLIP_MEAN = (0.48145466, 0.4578275, 0.40821073)
CLIP_STD = (0.26862954, 0.26130258, 0.27577711)


def check_pillow():
    if int(PIL.__version__.split(".")[0]) >= 13:
        sys.exit(f"Pillow {PIL.__version__} resizes tall pictures in another order; use one before 13")


def versions():
    packages = {each.__name__: each.__version__ for each in (numpy, open_clip, torch, torchvision, transformers)}
    return {"python": platform.python_version(), "pillow": PIL.__version__, **packages}


def draw(kind, width, height):
    """The pictures by formula of make-preprocess-golden.py, whose name cannot be imported."""
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), "make-preprocess-golden.py")
    spec = importlib.util.spec_from_file_location("make_preprocess_golden", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.draw(kind, width, height)


def fill_with_random_weights(model, seed):
    """
    Seeded normal values for every floating-point tensor of `model`, in the order of their names, so wide that
    attention has peaks and pictures get embeddings that differ; untrained weights of the usual width are nearly blind.
    """
    generator = numpy.random.default_rng(seed)
    with torch.no_grad():
        for name, value in sorted(model.state_dict().items()):
            if not value.is_floating_point():
                continue
            noise = torch.from_numpy(generator.standard_normal(tuple(value.shape), dtype=numpy.float32))
            value.copy_(random_values(name, noise))


def random_values(name, noise):
    is_norm = any(word in name for word in ("norm", "layrnorm", ".ln_", "ln_final"))
    if name == "logit_scale":
        return torch.full_like(noise, 2.6592)
    if is_norm and name.endswith("weight"):
        return 1 + 0.25 * noise
    if name.endswith("bias"):
        return 0.1 * noise
    if "class_embedding" in name or "position" in name or "token_embedding" in name:
        return 0.3 * noise
    fan_in = noise.shape[0] if name in ("visual.proj", "text_projection") else noise[0].numel()
    # 1.5: below it the attention of so small a model is flat; above it half precision would lose too much.
    return noise * (1.5 / fan_in**0.5)


def open_reference(folder, kind):
    """The float32 model of a folder's files, and [n, 3, side, side] floats -> [n, dimension] before normalization."""
    if kind == "open-clip":
        model = open_clip.create_model(f"local-dir:{folder}", precision="fp32").eval()
        return model, model.encode_image
    model, report = transformers.CLIPVisionModelWithProjection.from_pretrained(
        folder, dtype=torch.float32, local_files_only=True, output_loading_info=True
    )
    if report["missing_keys"] or report["mismatched_keys"]:
        raise SystemExit(f"{folder} was not loaded whole: {report}")
    model.eval()
    return model, lambda values: model(pixel_values=values).image_embeds


def project(encode, pixels, mean, std, dtype=torch.float32):
    """uint8 [n, side, side, 3] -> what the model gives, [n, dimension], not normalized."""
    values = torch.from_numpy(numpy.array(pixels)).to(dtype) / 255
    values = (values - torch.tensor(mean, dtype=dtype)) / torch.tensor(std, dtype=dtype)
    with torch.inference_mode():
        return encode(values.permute(0, 3, 1, 2).contiguous())


def embed(encode, pixels, mean, std, dtype=torch.float32):
    """uint8 [n, side, side, 3] -> unit embeddings [n, dimension]."""
    return torch.nn.functional.normalize(project(encode, pixels, mean, std, dtype), dim=-1).numpy()


def preprocess(file, side, recipe="clip-exact"):
    """Bytes of a picture -> uint8 [side, side, 3]. Pillow decodes and resizes; the recipe says who cuts."""
    with Image.open(file) as image:
        view = RECIPES[recipe](ImageOps.exif_transpose(image).convert("RGB"), side)
    assert view.shape == (side, side, 3) and view.dtype == numpy.uint8, (view.shape, view.dtype)
    return view


def cut_by_torchvision(image, side):
    return numpy.asarray(Compose([Resize(side, interpolation=InterpolationMode.BICUBIC), CenterCrop(side)])(image))


def cut_by_transformers(image, side):
    """The processor as it stands, but without its scaling, which is the graph's business."""
    processor = CLIPImageProcessorPil(size={"shortest_edge": side}, crop_size={"height": side, "width": side},
                                      do_rescale=False, do_normalize=False)
    pixels = numpy.asarray(processor(image, return_tensors="np")["pixel_values"][0])
    return numpy.ascontiguousarray(pixels.transpose(1, 2, 0))


RECIPES = {"clip-exact": cut_by_torchvision, "clip-hf-exact": cut_by_transformers}
