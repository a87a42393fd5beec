"""Random fields and palettes that the other pictures are made of."""

import numpy as np
from PIL import Image

Field = np.ndarray  # float [h, w]


def cloud(rng: np.random.Generator, side: int, power: float) -> Field:
    """Noise whose amplitude falls with frequency to this power, as in photographs (about 1); mean 0, deviation 1."""
    across = np.fft.fftfreq(side)[:, None], np.fft.rfftfreq(side)[None]
    stretch = np.exp(rng.uniform(-0.8, 0.8))
    frequency = np.sqrt((across[0] * stretch) ** 2 + (across[1] / stretch) ** 2)
    frequency[0, 0] = np.inf
    phases = rng.normal(size=(2, side, side // 2 + 1))
    field = np.fft.irfft2((phases[0] + 1j * phases[1]) / frequency**power, (side, side))
    return (field - field.mean()) / (field.std() + 1e-9)


def ramp(rng: np.random.Generator, side: int) -> Field:
    """Fall from one side to the other, about -1 to 1."""
    turn = rng.uniform(0, 2 * np.pi)
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    return np.cos(turn) * x + np.sin(turn) * y


def colour(rng: np.random.Generator) -> np.ndarray:
    """Draw a colour as things have them: mostly dull."""
    grey, tint = rng.uniform(10, 240), rng.normal(0, rng.choice((6, 20, 55)), 3)
    return np.clip(grey + tint, 0, 255)


def tinted(rng: np.random.Generator, field: Field) -> np.ndarray:
    """Run a field through two or three colours; float [h, w, 3]."""
    low, middle, high = sorted((colour(rng) for _ in range(3)), key=lambda c: float(c.sum()))
    share = np.clip(field * rng.uniform(0.25, 0.6) / 2 + 0.5, 0, 1)[..., None]
    below, above = np.clip(share * 2, 0, 1), np.clip(share * 2 - 1, 0, 1)
    return low + (middle - low) * below + (high - middle) * above


def picture(values: np.ndarray) -> Image.Image:
    """Make a picture of float [h, w, 3]."""
    return Image.fromarray(values.clip(0, 255).astype(np.uint8))


def grained(rng: np.random.Generator, values: np.ndarray) -> np.ndarray:
    """Add a lens's dark corners and a film's grain."""
    side = values.shape[0]
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    dark = 1 - rng.choice((0, 0, 0.15, 0.4)) * (x**2 + y**2) / 2
    return values * dark[..., None] + rng.normal(0, rng.uniform(0, 8), (*values.shape[:2], rng.choice((1, 3))))
