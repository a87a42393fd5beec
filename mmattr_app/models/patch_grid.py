"""Find the place in its picture of each picture position of the language model, for each form of picture input."""

import inspect
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mmattr_app.errors import AppError
from mmattr_app.models.families import family_of

TILE_AXES = 3  # channels, height, width


@dataclass(frozen=True, eq=False)
class PatchGrid:
    """The pictures' positions in the language model, in their order."""

    owners: Tensor  # in the shape of `pixel_values`: the position that each value belongs to; -1 for none
    places: NDArray[np.intp]  # [positions, 3]: sheet, row, column; a sheet is a tile or a whole picture; -1: no place


def find_grid(model: Any, inputs: dict[str, Any], count: int) -> PatchGrid:
    """Find the place of each of the pictures' `count` positions."""
    reason = family_of(model).no_patch_grid
    if reason:
        raise AppError(f"{model.config.model_type} {reason}; choose a gradient method, such as integrated-gradients.")
    values = inputs["pixel_values"]
    if "image_grid_thw" in inputs:
        found = _packed(values, inputs["image_grid_thw"].tolist(), count)
    elif "image_position_ids" in inputs:
        found = _positioned(values, inputs["image_position_ids"], model.config.vision_config.pooling_kernel_size)
    elif "spatial_shapes" in inputs:
        found = _padded(values, inputs["spatial_shapes"], count)
    elif "image_token_pooling" in inputs:
        found = _pooled(values, inputs["image_token_pooling"], inputs["image_grids"].tolist())
    elif hasattr(model.base_model, "pack_image_features"):
        found = _joined(
            [_unpadded(model, one[None], size[None]) for one, size in zip(values, inputs["image_sizes"], strict=True)]
        )
    elif "image_sizes" in inputs:
        found = _cropped(values, inputs["image_sizes"].tolist(), count)
    else:
        found = _tiles(values, count)
    if len(found.places) != count:
        raise AppError(
            f"The {count} positions of the picture in {model.config.model_type} form no known grid of patches; choose "
            "a gradient method, such as integrated-gradients."
        )
    return found


def _tiles(values: Tensor, count: int) -> PatchGrid:
    """Give the grid of tiles [..., 3, height, width], each read row by row."""
    tiles = values.shape[:-TILE_AXES].numel()
    height, width = values.shape[-2:]
    rows = max(1, round((count / tiles * height / width) ** 0.5))
    columns = count // tiles // rows
    cells = _cells(height, rows)[:, None] * columns + _cells(width, columns)
    owners = torch.arange(tiles)[:, None, None] * rows * columns + cells
    shape = values.shape[:-TILE_AXES]
    return PatchGrid(owners.reshape(*shape, 1, height, width).expand(values.shape), _sheets([(rows, columns)] * tiles))


def _cropped(values: Tensor, sizes: list[list[int]], count: int) -> PatchGrid:
    """Give the grid of pictures [pictures, 3, height, width], each padded to the largest of `sizes` (Pixtral)."""
    side = round((sum(height * width for height, width in sizes) / count) ** 0.5)
    owners = torch.full(values.shape, -1)
    sheets: list[tuple[int, int]] = []
    first = 0
    for picture, (height, width) in enumerate(sizes):
        rows, columns = height // side, width // side
        cells = first + _cells(height, rows)[:, None] * columns + _cells(width, columns)
        owners[picture, :, :height, :width] = cells
        first += rows * columns
        sheets.append((rows, columns))
    return PatchGrid(owners, _sheets(sheets))


def _packed(values: Tensor, grids: list[list[int]], count: int) -> PatchGrid:
    """Give the grid of patches [patches, size]; each group of patches is merged into one position (Qwen-VL, GLM-V)."""
    merged = len(values) // count
    side = round(merged**0.5)
    owners = (torch.arange(len(values)) // merged)[:, None].expand(values.shape)
    return PatchGrid(
        owners, _sheets([(rows // side, columns // side) for frames, rows, columns in grids for _ in range(frames)])
    )


def _positioned(values: Tensor, where: Tensor, side: int) -> PatchGrid:
    """Give the grid of patches [pictures, patches, size] with column and row, or -1; squares are averaged (Gemma 4)."""
    grids: list[PatchGrid] = []
    for patches, (columns, rows) in zip(values, where.transpose(1, 2), strict=True):
        wide, high = (int(line.max() + 1) // side for line in (columns, rows))
        owners = torch.where(columns >= 0, columns // side + wide * (rows // side), -1)
        grids.append(PatchGrid(owners[None, :, None].expand(1, *patches.shape), _sheets([(high, wide)])))
    return _joined(grids)


def _padded(values: Tensor, shapes: Tensor, count: int) -> PatchGrid:
    """Give the grid of tiles [tiles, patches, size] of different sizes; a position is a square of patches (LFM2-VL)."""
    owners = torch.full(values.shape[:2], -1)
    side = round((int(shapes.prod(dim=1).sum()) / count) ** 0.5)
    sheets: list[tuple[int, int]] = []
    first = 0
    for tile, (height, width) in enumerate(shapes.tolist()):
        rows, columns = height // side, width // side
        cells = first + torch.arange(height)[:, None] // side * columns + torch.arange(width) // side
        owners[tile, : height * width] = cells.flatten()
        first += rows * columns
        sheets.append((rows, columns))
    return PatchGrid(owners[:, :, None].expand(values.shape), _sheets(sheets))


def _pooled(values: Tensor, pooling: Tensor, grids: list[list[int]]) -> PatchGrid:
    """Give the grid of tiles [tiles, patches, size]; `pooling` lists the patches of each position (Molmo2)."""
    owners = torch.full((values.shape[:2].numel(),), -1)
    for position, patches in enumerate(pooling):
        owners[patches[patches >= 0]] = position
    sheets = [(grid[at], grid[at + 1]) for grid in grids for at in (0, 2)]
    return PatchGrid(owners.reshape(*values.shape[:2], 1).expand(values.shape), _sheets(sheets))


def _unpadded(model: Any, values: Tensor, sizes: Tensor) -> PatchGrid:
    """Give the grid of one picture's tiles [1, tiles, 3, height, width]: a small whole, then one large grid unpadded.

    The model's own packing function is run on the places of the patches instead of their features (LLaVA-NeXT). A
    picture that has fewer tiles than another one is padded with tiles that have no position.
    """
    high, wide = _tiles_of(model, sizes) if values.shape[1] > 1 else (0, 1)
    tiles, height = 1 + high * wide, values.shape[-2]
    side = height // model.config.vision_config.patch_size
    places = torch.from_numpy(_sheets([(side, side)] * tiles)).float()
    pack = model.base_model.pack_image_features
    for tile in range(1, tiles):
        block = places[tile * side**2 : (tile + 1) * side**2]
        block[:, 0] = 1
        block[:, 1:] += side * torch.tensor(divmod(tile - 1, wide))
    settings = {
        name: getattr(model.config, name)
        for name in ("vision_feature_select_strategy", "vision_aspect_ratio")
        if name in inspect.signature(pack).parameters
    }
    features = places.reshape(tiles, side**2, 3)
    packed, _ = pack([features], image_sizes=sizes, image_newline=torch.full((3,), torch.nan), **settings)
    found = packed[0].nan_to_num(-1)
    owners = _nearest(places, found).reshape(tiles, side, side)
    cells = _cells(height, side)
    spread = torch.full(values.shape, -1)
    spread[0, :tiles] = owners[:, cells[:, None], cells][:, None]
    return PatchGrid(spread, found.round().long().numpy())


def _joined(grids: list[PatchGrid]) -> PatchGrid:
    """Join the grids of several pictures: positions and sheets are counted on."""
    owners, places = list[Tensor](), list[NDArray[np.intp]]()
    first = sheets = 0
    for grid in grids:
        owners.append(torch.where(grid.owners >= 0, grid.owners + first, -1))
        moved = grid.places.copy()
        moved[moved[:, 0] >= 0, 0] += sheets
        places.append(moved)
        first += len(moved)
        sheets = int(moved[:, 0].max()) + 1
    return PatchGrid(torch.cat(owners), np.concatenate(places))


def _tiles_of(model: Any, sizes: Tensor) -> tuple[int, int]:
    """Say how many tiles stand one below another, and side by side."""
    size = model.config.vision_config.image_size
    module = inspect.getmodule(type(model))
    shape = module.get_anyres_image_grid_shape(sizes[0], model.config.image_grid_pinpoints, size)  # pyright: ignore[reportOptionalMemberAccess]
    return int(shape[0]), int(shape[1])


def _nearest(patches: Tensor, positions: Tensor) -> Tensor:
    """Give the position nearest to each patch [patches, 3] on its sheet; -1 if the patch was cut off as padding."""
    owners = torch.full((len(patches),), -1)
    for sheet in (0, 1):
        here = (positions[:, 0] == sheet).nonzero()[:, 0]
        if not len(here):
            continue
        rows, columns = (positions[here, axis].unique() for axis in (1, 2))
        mine = (patches[:, 0] == sheet).nonzero()[:, 0]
        row, column = (_snap(patches[mine, axis], line) for axis, line in ((1, rows), (2, columns)))
        owners[mine] = torch.where((row >= 0) & (column >= 0), here[row * len(columns) + column], -1)
    return owners


def _snap(values: Tensor, line: Tensor) -> Tensor:
    """Give the index of the nearest number in the sorted `line` for each value; -1 beyond its ends."""
    step = float((line[-1] - line[0]) / max(len(line) - 1, 1)) or 1.0
    distance, place = (values[:, None] - line).abs().min(dim=1)
    return torch.where(distance < max(step, 1.0), place, -1)


def _cells(length: int, parts: int) -> Tensor:
    """Give for each of `length` places in a line the number of its part, of `parts` equal ones."""
    return torch.arange(length) * parts // length


def _sheets(shapes: list[tuple[int, int]]) -> NDArray[np.intp]:
    """List the cells of several grids (rows, columns), row by row: [cells, 3]."""
    cells = [
        (sheet, row, column)
        for sheet, (rows, columns) in enumerate(shapes)
        for row in range(rows)
        for column in range(columns)
    ]
    return np.array(cells, np.intp).reshape(-1, 3)
