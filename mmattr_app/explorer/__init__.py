"""The explorer: the picture, its heatmap and the words to click, as one message and the page source that draws it."""

from mmattr_app.explorer.page import css, html, js, page
from mmattr_app.explorer.view import State, View, message

__all__ = ["State", "View", "css", "html", "js", "message", "page"]
