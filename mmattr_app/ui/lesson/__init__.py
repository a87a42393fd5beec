"""A lesson in seven steps on the page: a panel that says what to do and sees when it is done."""

from mmattr_app.ui.lesson.panel import Lesson
from mmattr_app.ui.lesson.steps import STEPS, Choice, Step
from mmattr_app.ui.lesson.teaching import Teaching

__all__ = ["STEPS", "Choice", "Lesson", "Step", "Teaching"]
