"""The explorer, which shows a picture, its heatmap and words to click: its message, and the scripts that draw it."""

from mmattr_app.explorer.page import css, html, js, page
from mmattr_app.explorer.view import State, View, message

__all__ = ["State", "View", "css", "html", "js", "message", "page"]
