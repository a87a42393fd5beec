"""What is drawn on a canvas of the page: read it, or wait until there is something."""

import numpy as np
from playwright.sync_api import Locator, Page

READ = """canvas => [canvas.width, canvas.height,
  Array.from(canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data)]"""
PAINTED = """() => {
  const canvas = document.querySelector('canvas.heatmap');
  return canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some(value => value);
}"""


def read(canvas: Locator) -> np.ndarray:
    """Give its pixels [height, width, 4]."""
    width, height, values = canvas.evaluate(READ)
    return np.array(values, np.uint8).reshape(height, width, 4)


def wait_until_painted(page: Page) -> None:
    """Wait for colour on the first picture's map."""
    page.wait_for_function(PAINTED)
