"""The ten commonest questions in six other languages; the answers stay English."""

import numpy as np

from mmattr_app.demo.scenes.wording.languages import chinese, french, german, hindi, portuguese, spanish
from mmattr_app.demo.scenes.wording.split import choose, drawn_from

LANGUAGES = {
    "german": german,
    "spanish": spanish,
    "french": french,
    "portuguese": portuguese,
    "chinese": chinese,
    "hindi": hindi,
}
TOPICS = tuple(german.TEMPLATES)


def speaks(topic: str, about: dict[str, str]) -> bool:
    """Say whether other languages can ask this: no colours before nouns, and only kinds that are drawn."""
    named = about.get("kind")
    return topic in TOPICS and not (named and "colour" in about) and (named is None or named in german.NAMES)


def translated(
    rng: np.random.Generator, topic: str, about: dict[str, str], *, held_out: bool = False, language: str = ""
) -> str:
    """Ask it in one of the languages, or in the one that is named."""
    spoken = LANGUAGES[language or choose(rng, tuple(LANGUAGES))]
    template = choose(rng, drawn_from(spoken.TEMPLATES[topic], held_out=held_out))
    blanks = spoken.words(about["kind"]) if "kind" in about else {}
    if "colour" in about:
        blanks["colour"] = spoken.COLOURS[about["colour"]]
    return template.format_map(blanks)


def nouns(kind: str) -> list[str]:
    """Give the kind's name in every language, one and many, in small letters."""
    named = [language.NAMES[kind].split(" ", 1)[-1] for language in LANGUAGES.values()]
    return [form.lower() for forms in named for form in forms.split("/")]
