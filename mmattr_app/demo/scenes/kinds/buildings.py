"""Buildings."""

from mmattr_app.demo.scenes.kinds.strokes import Stroke, box, line, oval, pie, poly

BUILDINGS: dict[str, tuple[Stroke, ...]] = {
    "house": (
        box("silver", 68, 10, 80, 34),
        box("body", 12, 44, 88, 94),
        poly("dark", (2, 48), (50, 6), (98, 48)),
        box("wood", 42, 62, 60, 94, 2),
        oval("gold", 56, 79, 2),
        *(box("white", x, 54, x + 18, 74, 1) for x in (18, 66)),
        *(box("glass", x + 2, 56, x + 16, 72) for x in (18, 66)),
        *(line("white", 2, (x + 9, 55), (x + 9, 73)) for x in (18, 66)),
    ),
    "castle": (
        *(line("ink", 2.5, (x, 2), (x, 20)) for x in (17, 83)),
        *(poly("gold", (x, 2), (x + 13, 6), (x, 11)) for x in (17, 83)),
        box("body", 24, 46, 76, 94),
        *(box("body", x, 36, x + 10, 48) for x in (32, 45, 58)),
        *(box("body", x, 30, x + 26, 94) for x in (4, 70)),
        *(box("dark", x, 20, x + 8, 36) for x in (2, 13, 24, 68, 79, 90)),
        *(box("dark", x, 32, x + 30, 38) for x in (2, 68)),
        *(box("ink", x, 48, x + 8, 62, 4) for x in (13, 79)),
        pie("wood", 50, 70, 13, 13, 180, 360),
        box("wood", 37, 70, 63, 94),
        line("ink", 1.5, (50, 58), (50, 94)),
    ),
    "tent": (
        line("wood", 4, (50, 18), (44, 6)),
        line("wood", 4, (50, 18), (56, 6)),
        poly("body", (50, 14), (98, 88), (2, 88)),
        poly("dark", (50, 14), (98, 88), (78, 88)),
        poly("ink", (46, 42), (62, 88), (30, 88)),
        poly("light", (46, 42), (30, 88), (18, 88)),
    ),
    "lighthouse": (
        pie("dark", 50, 20, 16, 16, 180, 360),
        box("gold", 38, 18, 62, 34),
        line("ink", 2, (50, 18), (50, 34)),
        box("ink", 30, 33, 70, 38, 2),
        poly("white", (36, 38), (64, 38), (74, 96), (26, 96)),
        poly("body", (36, 38), (64, 38), (66.4, 52), (33.6, 52)),
        poly("body", (31.2, 66), (68.8, 66), (71.2, 80), (28.8, 80)),
        poly("body", (27, 90), (73, 90), (76, 98), (24, 98)),
    ),
}
