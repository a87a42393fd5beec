"""Plants; what is leaf stays green, what has a colour is the crown, the cap or the petals."""

import math

from mmattr_app.demo.scenes.kinds.strokes import Stroke, blob, box, line, oval, pie, poly

PLANTS: dict[str, tuple[Stroke, ...]] = {
    "tree": (
        poly("wood", (44, 56), (56, 56), (60, 98), (40, 98)),
        *(oval("body", x, y, r) for x, y, r in ((28, 46, 22), (72, 46, 22), (50, 26, 26), (50, 50, 24))),
        *(oval("light", x, y, r) for x, y, r in ((42, 20, 7), (26, 40, 5), (62, 34, 5))),
    ),
    "flower": (
        line("leaf", 6, (50, 44), (50, 98)),
        blob("leaf", (50, 86), (62, 68), (80, 66), (72, 82)),
        *(oval("body", 50 + 21 * math.cos(a), 34 + 21 * math.sin(a), 14) for a in (0.3, 1.35, 2.4, 3.44, 4.49, 5.54)),
        oval("gold", 50, 34, 12),
    ),
    "cactus": (
        line("body", 18, (50, 14), (50, 72)),
        line("body", 13, (50, 54), (22, 54), (22, 32)),
        line("body", 13, (50, 46), (78, 46), (78, 24)),
        *(line("light", 2, (x, 16), (x, 70)) for x in (46, 54)),
        poly("wood", (28, 72), (72, 72), (66, 98), (34, 98)),
        box("wood", 24, 68, 76, 78, 2),
    ),
    "mushroom": (
        blob("cream", (40, 50), (60, 50), (62, 74), (70, 92), (50, 97), (30, 92), (38, 74)),
        pie("body", 50, 54, 46, 48, 180, 360),
        *(oval("white", x, y, r) for x, y, r in ((30, 34, 7), (54, 22, 8), (74, 42, 6), (50, 45, 5))),
    ),
}
