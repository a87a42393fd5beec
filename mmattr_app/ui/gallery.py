"""A list of buttons to choose from, each with a small picture, a title and a line: examples, results, questions."""

from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from mmattr_app.domain import Pixels
from mmattr_app.explorer.encoding import jpeg
from mmattr_app.ui.component import Component
from mmattr_app.ui.session import picture_of

SMALL, QUALITY = 96, 80  # pixels of a thumbnail's longer side; quality of its JPEG

# Text of people and models is set as textContent, never as HTML.
ON_LOAD = """
const draw = () => {
  const { label, items } = props.value || { label: '', items: [] };
  const list = element.querySelector('.gallery');
  list.replaceChildren();
  element.querySelector('.heading').textContent = items.length ? label : '';
  list.ariaLabel = label;
  items.forEach((item, number) => {
    const button = document.createElement('button');
    button.type = 'button';
    if (item.picture) {
      const picture = document.createElement('img');
      picture.src = item.picture;
      picture.alt = '';
      button.append(picture);
    }
    for (const part of ['title', 'says']) {
      if (!item[part]) continue;
      const text = document.createElement('span');
      text.className = part;
      text.textContent = item[part];
      button.append(text);
    }
    button.title = [item.title, item.says].filter(Boolean).join(' ');
    button.addEventListener('click', () => trigger('choose', { number }));
    list.append(button);
  });
};
watch('value', draw);
draw();
"""


@dataclass(frozen=True)
class Item:
    """One button of the list."""

    title: str
    says: str = ""
    picture: str = ""  # a data URL


def show(label: str, items: list[Item]) -> dict[str, Any]:
    """Make the value of a gallery that shows these items under a heading."""
    return {"label": label, "items": [asdict(item) for item in items]}


class Gallery(Component):
    """Shows items as buttons; its event `choose` carries {"number": ...}, counted from 0."""

    holds = "a label, and items with a title, a line and a picture"
    empty = show("", [])

    def __init__(self, value: dict[str, Any] | None = None, **settings: Any) -> None:
        """Take a value that `show` made, and the settings of any component, such as `elem_id`."""
        super().__init__(
            value or self.empty,
            html_template='<p class="heading"></p><div class="gallery" role="group"></div>',
            js_on_load=ON_LOAD,
            apply_default_css=False,
            padding=False,
            **settings,
        )


def thumbnail(picture: Pixels) -> str:
    """Make a small copy of a picture, as a data URL."""
    small = Image.fromarray(picture)
    small.thumbnail((SMALL, SMALL))
    return jpeg(np.asarray(small), QUALITY)


@lru_cache(maxsize=512)
def thumbnail_of(file: str) -> str:
    """Make a small copy of a picture file, as a data URL; empty if the file is gone."""
    return thumbnail(picture_of(file)[0]) if Path(file).is_file() else ""
