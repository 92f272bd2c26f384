"""What training shares with the lite encoder, imported from its folder.

Both folders have scripts called train.py and evaluate.py. The lite folder goes first on the import path, here and
nowhere else, so those two names mean lite's; the scripts of this folder are only run, never imported.
"""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "lite"))

from evaluate import by_class, vote  # noqa: E402
from muon import Muon  # noqa: E402
from network import DEVIATION, MEAN, normalize_pixels  # noqa: E402
from pictures import augment, list_pictures, open_rgb, to_canvas, to_pixels  # noqa: E402
from train import contrast_loss, mix, rate_share, read_pictures, versions  # noqa: E402

__all__ = [
    "DEVIATION",
    "MEAN",
    "Muon",
    "augment",
    "by_class",
    "contrast_loss",
    "list_pictures",
    "mix",
    "normalize_pixels",
    "open_rgb",
    "rate_share",
    "read_pictures",
    "to_canvas",
    "to_pixels",
    "versions",
    "vote",
]
