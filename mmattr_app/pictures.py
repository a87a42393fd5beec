"""Read a picture: a file, a PIL image or an array becomes upright RGB pixels, or one sentence says why not.

A picture above the working size is made smaller while it is read, to save memory.
"""

import math
import warnings
from collections.abc import Sequence
from os.path import isfile
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from mmattr_app.domain import Pixels
from mmattr_app.errors import AppError
from mmattr_app.settings import settings

Source: TypeAlias = str | Path | Image.Image | NDArray[Any]
Size: TypeAlias = tuple[int, int]  # height, width
Read: TypeAlias = tuple[Pixels, Size | None]  # the picture, and its size before it was made smaller; None: as it was

# Formats made of pixels only: Pillow would hand others to outside programs (EPS to Ghostscript).
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "HEIF", "AVIF")
SHOWN = 300  # characters of a path that a sentence quotes

pillow_heif.register_heif_opener()  # the format of many phones
warnings.simplefilter("error", Image.DecompressionBombWarning)


def read_picture(source: Source) -> Pixels:
    """Give the first frame at its working size: [height, width, 3], upright, 8-bit RGB, transparent parts white."""
    return read_with_size(source)[0]


def read_with_size(source: Source) -> Read:
    """Read a picture as `read_picture` does, and give its original size if it was made smaller."""
    if isinstance(source, np.ndarray):
        return _from_array(source)
    if isinstance(source, Image.Image):
        return _from_pil(source, "this picture")
    if isinstance(source, (list, tuple)):
        raise AppError(f"{len(source)} pictures are given where one is wanted; give them one by one.")
    return _from_file(Path(source))


def read_all(sources: Sequence[Source]) -> tuple[tuple[Pixels, ...], Size | None]:
    """Read the pictures of a question, and give the original size of the first if it was made smaller."""
    return put_together([read_with_size(source) for source in sources])


def put_together(read: Sequence[Read]) -> tuple[tuple[Pixels, ...], Size | None]:
    """Give pictures that were read as a question has them: the pictures, and the original size of the first."""
    return tuple(picture for picture, _ in read), read[0][1] if read else None


def working_size(height: int, width: int) -> Size:
    """Give the size at which a picture of this size is used: as it is, or at most MMATTR_WORK_MEGAPIXELS."""
    most = settings().work_megapixels * 1_000_000
    if height * width <= most:
        return height, width
    scale = math.sqrt(most / (height * width))
    return min(most, max(1, int(height * scale))), min(most, max(1, int(width * scale)))


def _from_file(path: Path) -> Read:
    if not isfile(path):  # noqa: PTH113  (Path.is_file raises an error for a name that is too long)
        raise AppError(f"There is no file {str(path)[:SHOWN]}; check the path of the picture.")
    size, limit = path.stat().st_size, settings().max_megabytes
    if size == 0:
        raise AppError(f"{path.name} is empty (0 bytes); choose another picture.")
    if size > limit * 1_000_000:
        raise AppError(f"{path.name} has {size / 1e6:.0f} MB and the limit is {limit} MB; save it smaller.")
    try:
        with Image.open(path, formats=FORMATS) as picture:
            return _from_pil(picture, path.name, may_draft=True)
    except UnidentifiedImageError:
        raise AppError(f"{path.name} is not a picture that can be read; save it as PNG or JPEG.") from None
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise _too_large(path.name) from None
    except PermissionError:
        raise AppError(f"{path.name} may not be read; change its permissions.") from None
    except (MemoryError, AppError):
        raise
    except Exception as error:  # decoders raise a dozen kinds on damaged bytes
        raise AppError(f"{path.name} is damaged or cut short; save or download it again.") from error


def _from_pil(picture: Image.Image, name: str, *, may_draft: bool = False) -> Read:
    """Turn and convert a picture; `may_draft` lets Pillow decode it smaller, which changes the Image object."""
    if picture.width * picture.height > settings().max_megapixels * 1_000_000:
        raise _too_large(name)
    if picture.width == 0 or picture.height == 0:
        raise AppError(f"{name} has no pixels; choose another picture.")
    wide, high = picture.size
    if working_size(high, wide) == (high, wide):
        return np.array(_to_rgb(ImageOps.exif_transpose(picture))), None
    smaller = _smaller(picture, may_draft=may_draft)
    upright = ImageOps.exif_transpose(smaller)
    return np.array(_to_rgb(upright)), (high, wide) if upright.size == smaller.size else (wide, high)


def _smaller(picture: Image.Image, *, may_draft: bool) -> Image.Image:
    """Resize a picture to its working size."""
    high, wide = working_size(picture.height, picture.width)
    if may_draft:
        picture.draft(None, (wide, high))  # a JPEG can be decoded at a half, a quarter or an eighth of its size
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")  # else resizing mixes the colours of transparent pixels into their neighbours
    elif picture.mode in ("1", "P"):
        picture = picture.convert("RGB")
    return picture.resize((wide, high), Image.Resampling.LANCZOS)


def _to_rgb(picture: Image.Image) -> Image.Image:
    if picture.mode.startswith(("I", "F")):
        return Image.fromarray(_to_eight_bits(picture)).convert("RGB")
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")
    return picture.convert("RGB")


def _to_eight_bits(picture: Image.Image) -> NDArray[np.uint8]:
    """Scale 16-bit greys by their full range, and stranger numbers by the range they use."""
    values = np.nan_to_num(np.asarray(picture, np.float64))
    low, high = (0.0, 65535.0) if picture.mode.startswith("I;16") else (values.min(), values.max())
    return np.rint((values - low) * (255 / max(high - low, 1e-12))).astype(np.uint8)


def _from_array(values: NDArray[Any]) -> Read:
    if np.issubdtype(values.dtype, np.floating) and values.size and values.min() >= 0 and values.max() <= 1:
        values = np.rint(values * 255).astype(np.uint8)
    if values.dtype != np.uint8 or values.ndim not in (2, 3) or (values.ndim == 3 and values.shape[2] not in (1, 3, 4)):
        raise AppError(
            f"An array of shape {values.shape} and type {values.dtype} is no picture; "
            "give uint8, or floats from 0 to 1, of shape [height, width] or [height, width, 3]."
        )
    squeezed = values[:, :, 0] if values.ndim == 3 and values.shape[2] == 1 else values
    return _from_pil(Image.fromarray(squeezed), "this array")


def _too_large(name: str) -> AppError:
    return AppError(f"{name} has more than {settings().max_megapixels} million pixels; make it smaller.")
