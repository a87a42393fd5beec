"""A lesson in seven steps on the page: a panel says what to do, and notices when a step is done."""

from mmattr_app.ui.lesson.panel import Lesson
from mmattr_app.ui.lesson.steps import STEPS, Choice, Step
from mmattr_app.ui.lesson.teaching import Teaching

__all__ = ["STEPS", "Choice", "Lesson", "Step", "Teaching"]
