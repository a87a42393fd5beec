"""Plain phrasings of each type of question; each question of a scene has a random one."""

from mmattr_app.demo.scenes.kinds import plural

PHRASINGS: dict[str, tuple[str, ...]] = {
    "caption": (
        "Describe the picture.",
        "Describe this image.",
        "What is in the picture?",
        "What do you see?",
        "What does the picture show?",
        "Write a caption.",
    ),
    "colour": (
        "What colour is the {kind}?",
        "What color is the {kind}?",
        "Which colour does the {kind} have?",
        "Tell me the colour of the {kind}.",
    ),
    "count": (
        "How many objects are there?",
        "How many things do you see?",
        "Count the objects.",
        "How many objects are in the picture?",
    ),
    "count kind": ("How many {kinds} are there?", "How many {kinds} do you see?", "Count the {kinds}."),
    "where": (
        "Where is the {thing}?",
        "In which part of the picture is the {thing}?",
        "Where do you see the {thing}?",
        "Where can I find the {thing}?",
    ),
    "which": (
        "Which object is {colour}?",
        "What is {colour}?",
        "Which thing is {colour}?",
        "Name the {colour} object.",
    ),
    "what is at": ("What is {place}?", "What do you see {place}?", "Which object is {place}?"),
    "is there": (
        "Is there {a_thing}?",
        "Do you see {a_thing}?",
        "Is there {a_thing} in the picture?",
        "Can you see {a_thing}?",
        "Does the picture show {a_thing}?",
    ),
    "left of": (
        "What is left of the {kind}?",
        "What is to the left of the {kind}?",
        "Which object is left of the {kind}?",
    ),
    "right of": (
        "What is right of the {kind}?",
        "What is to the right of the {kind}?",
        "Which object is right of the {kind}?",
    ),
    "above": ("What is above the {kind}?", "Which object is above the {kind}?", "What is higher than the {kind}?"),
    "below": (
        "What is below the {kind}?",
        "Which object is below the {kind}?",
        "What is lower than the {kind}?",
    ),
    "background": (
        "What is in the background?",
        "What is the background?",
        "Where was this picture made?",
        "What is behind the objects?",
        "What kind of place is this?",
    ),
}

FURTHER: dict[str, tuple[str, ...]] = {
    "bigger": ("Which is bigger, the {kind} or the {other}?",),
    "smaller": ("Which is smaller, the {kind} or the {other}?",),
    "is bigger": ("Is the {kind} bigger than the {other}?",),
    "biggest": ("What is the biggest object?",),
    "smallest": ("What is the smallest object?",),
    "more": ("Are there more {kinds} or more {others}?",),
    "day": ("Is it day or night?",),
    "group": ("Are there any {group}?",),
    "name group": ("Which {group} are there?",),
    "count group": ("How many {group} are there?",),
    "list": ("Name all objects.",),
    "colours": ("Which colours do the objects have?",),
    "absent": ("What colour is the {kind}?", "Where is the {kind}?"),
    "is there": PHRASINGS["is there"],
    "count kind": PHRASINGS["count kind"],
}

NUMBERS = ("no", "one", "two", "three", "four", "five")

SETTINGS = {
    "plain": ("on a", "plain backdrop"),
    "meadow": ("on a", "meadow"),
    "beach": ("on a", "beach"),
    "night": ("under a", "night sky"),
    "room": ("in a", "room"),
}


def article(word: str) -> str:
    return "an" if word[0] in "aeiou" else "a"


def fill(template: str, about: dict[str, str]) -> str:
    """Fill a template with the things that the question names."""
    kind, other = about.get("kind", ""), about.get("other", "")
    thing = f"{about.get('colour', '')} {kind}".strip()
    return template.format_map(
        {
            **about,
            "kinds": plural(kind),
            "others": plural(other),
            "thing": thing,
            "a_thing": thing and f"{article(thing)} {thing}",
            "a_kind": kind and f"{article(kind)} {kind}",
            "member": about.get("group", "").removesuffix("s"),
        }
    )
