"""Plain shapes."""

import math

from mmattr_app.demo.scenes.kinds.strokes import Stroke, arc, blob, box, oval, poly


def _star(radius: float, inner: float) -> Stroke:
    turns = [(radius if i % 2 == 0 else inner, math.pi * (i / 5 - 0.5)) for i in range(10)]
    return poly("body", *((50 + r * math.cos(a), 52 + r * math.sin(a)) for r, a in turns))


FIGURES: dict[str, tuple[Stroke, ...]] = {
    "circle": (oval("body", 50, 50, 46), arc("light", 5, 50, 50, 36, 36, 185, 265)),
    "square": (box("body", 6, 6, 94, 94, 3), box("light", 14, 14, 42, 20, 3), box("light", 14, 14, 20, 42, 3)),
    "triangle": (poly("body", (50, 6), (96, 90), (4, 90)), poly("light", (47, 24), (51, 30), (25, 76), (18, 76))),
    "star": (_star(49, 20),),
    "heart": (
        blob(
            "body",
            (50, 96),
            (26, 72),
            (6, 48),
            (4, 24),
            (22, 6),
            (42, 12),
            (50, 26),
            (58, 12),
            (78, 6),
            (96, 24),
            (94, 48),
            (74, 72),
        ),
        oval("light", 23, 25, 6, 9, 35),
    ),
}
