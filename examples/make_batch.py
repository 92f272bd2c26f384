"""Writes a batch file: a JSON Lines request for each picture of a folder.

    python3 examples/make_batch.py photos > batch.jsonl

Answer n belongs to line n; the names go to stderr, one a line, so that they can be kept beside it. Python 3.9 or newer,
standard library only.
"""

import base64
import json
import pathlib
import sys

ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".avif", ".gif", ".tif", ".tiff"}


def main(arguments):
    if len(arguments) != 1:
        print("usage: make_batch.py FOLDER", file=sys.stderr)
        return 2
    folder = pathlib.Path(arguments[0])
    pictures = sorted(path for path in folder.rglob("*") if path.suffix.lower() in ENDINGS and path.is_file())
    if not pictures:
        print(f"make_batch: {folder} has no pictures", file=sys.stderr)
        return 1
    for path in pictures:
        print(json.dumps({"image": base64.b64encode(path.read_bytes()).decode("ascii")}))
        print(path.relative_to(folder).as_posix(), file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
