"""The classroom: a code to join by, a page for the teacher, and what learners tell; none of it outlives the class."""

from mmattr_app.classroom.classes import Classes
from mmattr_app.classroom.routes import SCRIPT, class_routes

__all__ = ["SCRIPT", "Classes", "class_routes"]
