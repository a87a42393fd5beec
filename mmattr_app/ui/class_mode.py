"""Opens a class on this page: its routes, and the lines in the terminal with the teacher's and learners' addresses."""

import sys
from collections.abc import Sequence
from typing import Any

from mmattr_app.classroom import SCRIPT, Classes, class_routes
from mmattr_app.classroom.addresses import print_code, reach
from mmattr_app.domain import Attribution
from mmattr_app.jobs import Store
from mmattr_app.ui.examples import Example
from mmattr_app.ui.lesson.drawn import name_of_scene
from mmattr_app.ui.visitors import may_enter


def open_class(examples: Sequence[Example], store: Store, host: str, port: int) -> dict[str, Any]:
    """Open a class and print how to join it; return the arguments that `page.launch` needs for it."""
    classes = Classes()
    opened, address = classes.open(), reach(host, port)
    join = f"{address}/class?code={opened.code}"
    sys.stdout.write(f"Class {opened.code}. Learners: {join}\nTeacher: {address}/teacher#key={opened.key}\n")
    print_code(join)
    return class_parts(classes, examples, store, address)


def class_parts(classes: Classes, examples: Sequence[Example], store: Store, address: str) -> dict[str, Any]:
    """Give the arguments that `page.launch` needs for classes: routes (`more`) and a script for the page (`head`)."""
    ours = {example.name: example.attribution for example in examples}

    def find(name: str) -> tuple[Attribution, str | None] | None:
        if name in ours:
            return ours[name], name
        result = store.get(name)
        return result and (result, name_of_scene(result))

    return {"more": class_routes(classes, find, address, may_enter), "head": SCRIPT}
