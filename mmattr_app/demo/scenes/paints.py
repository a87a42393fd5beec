"""The ten colours that an object can have, and fixed colours for parts that are not in the object's colour."""

RGB = tuple[int, int, int]

COLOURS: dict[str, RGB] = {
    "red": (220, 48, 48),
    "orange": (247, 143, 30),
    "yellow": (250, 213, 54),
    "green": (48, 158, 68),
    "blue": (42, 98, 214),
    "purple": (132, 58, 178),
    "pink": (246, 134, 182),
    "brown": (133, 82, 46),
    "black": (46, 48, 56),
    "white": (244, 244, 246),
}

FIXED: dict[str, RGB] = {
    "ink": (44, 44, 58),
    "white": (252, 252, 252),
    "cream": (250, 240, 216),
    "silver": (186, 194, 204),
    "gold": (246, 194, 68),
    "wood": (154, 106, 66),
    "leaf": (92, 164, 84),
    "glass": (190, 226, 244),
}


def palette(colour: str) -> dict[str, RGB]:
    """Give the paints by their names in strokes, for an object of this colour."""
    body = COLOURS[colour]
    shades = {
        "body": body,
        "dark": _mix(body, (20, 16, 40), 0.3),
        "light": _mix(body, (255, 255, 255), 0.45),
        "edge": _mix(body, (24, 20, 44), 0.62),
    }
    if colour == "black":  # with a black edge, shade and ink no detail would be seen
        shades |= {"dark": (84, 88, 100), "light": (124, 128, 142), "edge": (18, 18, 24), "ink": (112, 116, 130)}
    if colour == "white":
        shades |= {"dark": (206, 210, 220), "light": (226, 230, 238), "edge": (120, 122, 138)}
    return FIXED | shades


def _mix(a: RGB, b: RGB, share: float) -> RGB:
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return red, green, blue
