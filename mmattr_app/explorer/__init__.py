"""The explorer: the picture, its heatmap and the words to click, as one message and the page source that draws it."""

from mmattr_app.explorer.message import State, View, message
from mmattr_app.explorer.page import css, html, js, page

__all__ = ["State", "View", "css", "html", "js", "message", "page"]
