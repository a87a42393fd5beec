"""German: names of kinds as "article singular/plural", and the ten commonest questions."""

NAMES = {
    "car": "das Auto/Autos",
    "bus": "der Bus/Busse",
    "truck": "der Lastwagen/Lastwagen",
    "train": "der Zug/Züge",
    "bicycle": "das Fahrrad/Fahrräder",
    "boat": "das Boot/Boote",
    "plane": "das Flugzeug/Flugzeuge",
    "rocket": "die Rakete/Raketen",
    "balloon": "der Ballon/Ballons",
    "cat": "die Katze/Katzen",
    "dog": "der Hund/Hunde",
    "fish": "der Fisch/Fische",
    "bird": "der Vogel/Vögel",
    "rabbit": "das Kaninchen/Kaninchen",
    "snail": "die Schnecke/Schnecken",
    "butterfly": "der Schmetterling/Schmetterlinge",
    "turtle": "die Schildkröte/Schildkröten",
    "elephant": "der Elefant/Elefanten",
    "penguin": "der Pinguin/Pinguine",
    "owl": "die Eule/Eulen",
    "house": "das Haus/Häuser",
    "castle": "das Schloss/Schlösser",
    "tent": "das Zelt/Zelte",
    "lighthouse": "der Leuchtturm/Leuchttürme",
    "tree": "der Baum/Bäume",
    "flower": "die Blume/Blumen",
    "cactus": "der Kaktus/Kakteen",
    "mushroom": "der Pilz/Pilze",
    "apple": "der Apfel/Äpfel",
    "banana": "die Banane/Bananen",
    "carrot": "die Karotte/Karotten",
    "cake": "der Kuchen/Kuchen",
    "cup": "die Tasse/Tassen",
    "book": "das Buch/Bücher",
    "umbrella": "der Regenschirm/Regenschirme",
    "key": "der Schlüssel/Schlüssel",
    "clock": "die Uhr/Uhren",
    "guitar": "die Gitarre/Gitarren",
    "hat": "der Hut/Hüte",
    "gift": "das Geschenk/Geschenke",
    "shirt": "das Hemd/Hemden",
    "crown": "die Krone/Kronen",
    "shoe": "der Schuh/Schuhe",
    "circle": "der Kreis/Kreise",
    "square": "das Quadrat/Quadrate",
    "triangle": "das Dreieck/Dreiecke",
    "star": "der Stern/Sterne",
    "heart": "das Herz/Herzen",
}
COLOURS = {
    "red": "rot",
    "orange": "orange",
    "yellow": "gelb",
    "green": "grün",
    "blue": "blau",
    "purple": "lila",
    "pink": "rosa",
    "brown": "braun",
    "black": "schwarz",
    "white": "weiß",
}
_CASES = {"der": ("ein", "einen", "dem"), "die": ("eine", "eine", "der"), "das": ("ein", "ein", "dem")}
_DATIVES = {"Elefant": "Elefanten", "Herz": "Herzen"}


def words(kind: str) -> dict[str, str]:
    """Every form that a template may ask for."""
    article, forms = NAMES[kind].split(" ", 1)
    one, many = forms.split("/")
    a, accusative, dative = _CASES[article]
    to = f"{dative} {_DATIVES.get(one, one)}"
    return {"the": f"{article} {one}", "a": f"{a} {one}", "object": f"{accusative} {one}", "to": to, "many": many}


TEMPLATES: dict[str, tuple[str, ...]] = {
    "caption": (
        "Beschreibe das Bild.",
        "Bitte beschreibe das Bild.",
        "Beschreibe dieses Bild in einem Satz.",
        "Beschreib das Foto kurz.",
        "Was ist auf dem Bild zu sehen?",
        "Was siehst du?",
        "Was siehst du auf dem Foto?",
        "Was zeigt das Bild?",
        "Was ist das?",
        "Was ist auf diesem Foto?",
    ),
    "colour": (
        "Welche Farbe hat {the}?",
        "Welche Farbe hat {the} auf dem Bild?",
        "In welcher Farbe ist {the}?",
        "Was für eine Farbe hat {the}?",
        "Sag mir, welche Farbe {the} hat.",
        "Wie ist die Farbe von {to}?",
    ),
    "count": (
        "Wie viele Dinge sind auf dem Bild?",
        "Wie viele Objekte gibt es?",
        "Wie viele Dinge siehst du?",
        "Zähle die Objekte.",
        "Zähle die Dinge auf dem Bild.",
        "Wie viele Objekte sind zu sehen?",
    ),
    "count kind": (
        "Wie viele {many} gibt es?",
        "Wie viele {many} sind auf dem Bild?",
        "Wie viele {many} siehst du?",
        "Zähle die {many}.",
        "Wie viele {many} sind zu sehen?",
    ),
    "where": (
        "Wo ist {the}?",
        "Wo ist {the} auf dem Bild?",
        "Wo siehst du {object}?",
        "An welcher Stelle ist {the}?",
        "Sag mir, wo {the} ist.",
    ),
    "which": (
        "Was ist {colour}?",
        "Welches Ding ist {colour}?",
        "Welches Objekt ist {colour}?",
        "Was siehst du, das {colour} ist?",
        "Was auf dem Bild ist {colour}?",
    ),
    "is there": (
        "Gibt es {object}?",
        "Gibt es {object} auf dem Bild?",
        "Ist da {a}?",
        "Ist {a} auf dem Bild?",
        "Siehst du {object}?",
        "Zeigt das Bild {object}?",
    ),
    "left of": (
        "Was ist links von {to}?",
        "Was siehst du links von {to}?",
        "Welches Ding ist links von {to}?",
        "Was steht links von {to}?",
    ),
    "right of": (
        "Was ist rechts von {to}?",
        "Was siehst du rechts von {to}?",
        "Welches Ding ist rechts von {to}?",
        "Was steht rechts von {to}?",
    ),
    "background": (
        "Was ist im Hintergrund?",
        "Was siehst du im Hintergrund?",
        "Wie ist der Hintergrund?",
        "Beschreibe den Hintergrund.",
        "Was für ein Ort ist das?",
    ),
}
