"""The explorer: the picture, its heatmap and the words to click, as one message and the page source that draws it."""

from mmattr_app.explorer.messages import message
from mmattr_app.explorer.source import css, html, js
from mmattr_app.explorer.standalone import page
from mmattr_app.explorer.view import State, View

__all__ = ["State", "View", "css", "html", "js", "message", "page"]
