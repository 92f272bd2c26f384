#!/usr/bin/env python3
"""Makes data/preprocess.json: what Pillow's bicubic and torchvision's crop give for pictures drawn by formula.

    python3 make-preprocess-golden.py                     write data/preprocess.json and data/preprocess/*.rgb.gz, and
                                                          data/preprocess-sides.json: digests at other sides than 224
    python3 make-preprocess-golden.py --photos FOLDER     write data/preprocess-photos.json: digests of photographs
    python3 make-preprocess-golden.py --hugging-face      write data/preprocess-hugging-face.json: digests of what the
                                                          processor of transformers makes (needs clip-requirements.txt)
    python3 make-preprocess-golden.py --check             compare this Pillow with what is stored; writes nothing

Needs numpy and a Pillow before 13: since 13.0 (pull request 9549) tall pictures are resized down before across, which
moves some of their values by one. CLIP's and V4's pictures went across first. The formulas are repeated in test/support/formula-pictures.ts.
"""
import base64, gzip, hashlib, json, os, platform, sys
import numpy as np
import PIL
from PIL import Image, ImageOps

HERE = os.path.dirname(os.path.abspath(__file__))
DATA = os.path.join(HERE, "data")
SIDE = 224
SAMPLE_STEP = 32  # every 32nd row and column is stored, so that a mismatch can say how large it is

SIZES = [
    (1, 1), (2, 2), (1, 2), (2, 1), (3, 5), (1, 7), (7, 1), (1, 300), (300, 1), (31, 2000), (2000, 31),
    (223, 224), (224, 223), (224, 224), (224, 225), (225, 224), (224, 227), (227, 224), (223, 223), (225, 225),
    (447, 449), (448, 448), (449, 447), (400, 533), (533, 400), (400, 535), (1000, 200), (200, 1000), (640, 481), (97, 131), (400, 867), (300, 1211),
]
KINDS = ["noise", "gradient", "checker", "lines", "disc"]
HUGE = [("noise", 2400, 3203), ("disc", 4000, 3000)]
SIDES = [32, 256, 336]  # beside 224: of the tests, between, and of ViT-L/14@336
# Enlarged, shrunk, long, and off by one to four from each side.
OTHER_SIZES = [
    (1, 1), (5, 3), (1, 300), (300, 1), (31, 2000), (2000, 31), (31, 32), (32, 33), (35, 32), (255, 256),
    (257, 256), (256, 259), (335, 336), (336, 337), (339, 336), (336, 340), (97, 131), (400, 533), (533, 400), (1000, 200),
]
OTHER_KINDS = ["noise", "lines"]
WHOLE = ["noise-400x533", "lines-447x449", "checker-2x2", "gradient-31x2000", "noise-97x131"]


def scramble(number):
    """Chris Wellons' lowbias32: 32 bits in, 32 well-mixed bits out."""
    number = np.asarray(number, dtype=np.uint32)
    number = (number ^ (number >> np.uint32(16))) * np.uint32(0x7FEB352D)
    number = (number ^ (number >> np.uint32(15))) * np.uint32(0x846CA68B)
    return number ^ (number >> np.uint32(16))


def draw(kind, width, height):
    y, x = np.mgrid[0:height, 0:width].astype(np.int64)
    if kind == "noise":
        places = np.arange(width * height * 3, dtype=np.uint32) + np.uint32(width * 65536 + height)
        return (scramble(places) & np.uint32(255)).astype(np.uint8).reshape(height, width, 3)
    if kind == "gradient":
        channels = x * 255 // max(width - 1, 1), y * 255 // max(height - 1, 1), (x + y) & 255
    elif kind == "checker":
        cell = (width + height) % 5 + 1
        odd = ((x // cell + y // cell) & 1) == 1
        channels = np.where(odd, 255, 13), np.where(odd, 0, 200), np.where(odd, 77, 255)
    elif kind == "lines":
        channels = (x & 1) * 255, (y & 1) * 255, ((x // 3 + y) & 1) * 255
    else:
        inside = (2 * x + 1 - width) ** 2 + (2 * y + 1 - height) ** 2 < (min(width, height) * 4 // 5) ** 2
        channels = np.where(inside, 180, 255), np.where(inside, 20, 255), np.where(inside, 60, 255)
    return np.stack([np.asarray(channel) for channel in channels], axis=-1).astype(np.uint8)


def preprocess(image, side):
    """What torchvision does with a PIL image: Resize(side, BICUBIC), then CenterCrop(side), arithmetic included."""
    width, height = image.size
    short, long = min(width, height), max(width, height)
    resized_long = int(side * long / short)
    new_width, new_height = (side, resized_long) if width <= height else (resized_long, side)
    left = int(round((new_width - side) / 2.0))
    top = int(round((new_height - side) / 2.0))
    resized = image.resize((new_width, new_height), Image.BICUBIC)
    return np.asarray(resized.crop((left, top, left + side, top + side)))


def digest(tensor):
    return hashlib.sha256(tensor.tobytes()).hexdigest()


def row_of(kind, width, height):
    tensor = preprocess(Image.fromarray(draw(kind, width, height)), SIDE)
    samples = base64.b64encode(tensor[::SAMPLE_STEP, ::SAMPLE_STEP].tobytes()).decode()
    row = {"id": f"{kind}-{width}x{height}", "kind": kind, "width": width, "height": height,
           "sha256": digest(tensor), "samples": samples}
    return row, tensor


def formula_rows():
    cases = [(kind, width, height) for kind in KINDS for width, height in SIZES] + HUGE
    return [row_of(*case) for case in cases]


def other_rows(recipe, sides, of):
    """Digests alone: a difference at these sides and not at 224 would be one of the crop or of the ends."""
    return [{"version": f"{recipe}-{side}", "kind": kind, "width": width, "height": height,
             "sha256": digest(of(Image.fromarray(draw(kind, width, height)), side))}
            for side in sides for kind in OTHER_KINDS for width, height in OTHER_SIZES]


def about(what):
    return {"about": what, "pillow": PIL.__version__, "numpy": np.__version__, "python": platform.python_version()}


def write_json(name, head, rows):
    with open(os.path.join(DATA, name), "w") as file:
        lines = ",\n".join("  " + json.dumps(row, separators=(",", ":")) for row in rows)
        file.write(json.dumps(head, indent=1)[:-2] + ',\n "rows": [\n' + lines + "\n ]\n}\n")


def write_formula():
    rows = formula_rows()
    os.makedirs(os.path.join(DATA, "preprocess"), exist_ok=True)
    for row, tensor in rows:
        if row["id"] in WHOLE:
            with open(os.path.join(DATA, "preprocess", row["id"] + ".rgb.gz"), "wb") as file:
                file.write(gzip.compress(tensor.tobytes(), 9, mtime=0))
    head = about("sha-256 of the 224x224x3 bytes, and every 32nd row and column of them, for pictures drawn by formula")
    head.update(sampleStep=SAMPLE_STEP, whole=WHOLE)
    write_json("preprocess.json", head, [row for row, _ in rows])
    head = about("sha-256 of the side x side x 3 bytes of each version, for pictures drawn by formula")
    write_json("preprocess-sides.json", head, other_rows("clip-exact", SIDES, preprocess))


def write_hugging_face():
    import transformers
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    def process(image, side):
        """As it stands, but without the numbers' scaling: that is the graph's business, and would hide the bytes."""
        processor = CLIPImageProcessorPil(size={"shortest_edge": side}, crop_size={"height": side, "width": side},
                                          do_rescale=False, do_normalize=False)
        pixels = np.asarray(processor(image, return_tensors="np")["pixel_values"][0])
        assert pixels.dtype == np.uint8 and pixels.shape == (3, side, side), (pixels.dtype, pixels.shape)
        return np.ascontiguousarray(pixels.transpose(1, 2, 0))

    head = about("sha-256 of the side x side x 3 bytes that CLIPImageProcessorPil of transformers makes of the same")
    head["transformers"] = transformers.__version__
    write_json("preprocess-hugging-face.json", head, other_rows("clip-hf-exact", [SIDE, *SIDES], process))


def write_photos(folder):
    paths = sorted(os.path.relpath(os.path.join(at, name), folder)
                   for at, _, names in os.walk(folder) for name in names if name.endswith(".jpg"))
    rows = []
    for path in paths:
        with Image.open(os.path.join(folder, path)) as image:
            upright = ImageOps.exif_transpose(image)
            if "icc_profile" in image.info or image.mode != "RGB":
                continue  # Pillow leaves profiles unapplied; ours applies them
            tensor = preprocess(upright, SIDE)
            samples = base64.b64encode(tensor[::SAMPLE_STEP, ::SAMPLE_STEP].tobytes()).decode()
            rows.append({"path": path, "sha256": digest(tensor), "samples": samples})
    head = about("the same for photographs that are not part of the project; tested only where they are present")
    head.update(sampleStep=SAMPLE_STEP)
    write_json("preprocess-photos.json", head, rows)


def check():
    with open(os.path.join(DATA, "preprocess.json")) as file:
        stored = json.load(file)["rows"]
    with open(os.path.join(DATA, "preprocess-sides.json")) as file:
        stored += json.load(file)["rows"]
    made = [row for row, _ in formula_rows()] + other_rows("clip-exact", SIDES, preprocess)
    different = [f"{row['kind']}-{row['width']}x{row['height']}" for row in made if row not in stored]
    print(f"Pillow {PIL.__version__}: {len(made) - len(different)} of {len(stored)} equal", *different)
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    if sys.argv[1:] != ["--check"] and int(PIL.__version__.split(".")[0]) >= 13:
        sys.exit(f"Pillow {PIL.__version__} resizes tall pictures in another order; use one before 13")
    if sys.argv[1:] == ["--check"]:
        check()
    elif sys.argv[1:2] == ["--photos"]:
        write_photos(sys.argv[2])
    elif sys.argv[1:] == ["--hugging-face"]:
        write_hugging_face()
    else:
        write_formula()
