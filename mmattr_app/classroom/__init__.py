"""The classroom: a code to join by, a teacher's page, and what learners send; all data is deleted with the class."""

from mmattr_app.classroom.classes import Classes
from mmattr_app.classroom.routes import SCRIPT, class_routes

__all__ = ["SCRIPT", "Classes", "class_routes"]
