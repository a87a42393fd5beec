"""Pictures that tests show to models."""

import math
import struct
import zlib

import numpy as np
from PIL import Image
from skimage import data

from mmattr_app.domain import Pixels


def corners() -> Pixels:
    """Give a small picture with something else in every corner."""
    rows, columns = np.mgrid[0:48, 0:56]
    picture = np.stack([rows * 5, columns * 4, (rows // 8 + columns // 8) % 2 * 200], axis=-1).astype(np.uint8)
    picture[6:20, 30:50] = (220, 30, 40)
    picture[28:44, 8:24] = (20, 160, 60)
    return picture


def photograph(megapixels: float) -> Image.Image:
    """Enlarge a photograph of a cat (Chelsea, by Stefan van der Walt, CC0) and give it the grain of a sensor."""
    width = round(math.sqrt(megapixels * 1e6 * 4 / 3))
    enlarged = Image.fromarray(data.chelsea()).resize((width, width * 3 // 4), Image.Resampling.BICUBIC)
    grain = np.random.default_rng(0).integers(-8, 9, (enlarged.height, width, 3), np.int8)
    return Image.fromarray(np.clip(np.asarray(enlarged, np.int16) + grain, 0, 255).astype(np.uint8))


def png_that_claims(width: int, height: int) -> bytes:
    """Write a valid PNG header of any size, with next to no data."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")
    )
