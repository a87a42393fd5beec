"""The steps of the lesson: their texts, what each shows, and when it is done. docs/lesson/ has the same sentences."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Choice:
    """One answer of a multiple-choice question, and the reply to it."""

    text: str
    says: str
    right: bool = False


@dataclass(frozen=True)
class Step:
    """One step. Its texts may name {word}, which is selected first, and {quiet}, which hardly needs the picture.

    `done` names the condition: a fact that the explorer reports (see explorer/seen.js), "tag" (the marked regions hold
    the tag; the server checks that), or "chosen" (the right one of `choices` was chosen).
    """

    title: str
    task: str
    hint: str
    take_home: str
    done: str
    example: str = ""  # name of the example to set up; empty: nothing to set up
    word: str = ""  # the word of the example that is selected first
    predicts: bool = False  # "Predict first" is switched on
    another: bool = False  # "Another scene" is offered, which draws one by a random seed
    choices: tuple[Choice, ...] = ()


NIGHT = "1-night"  # the example of the first four steps

STEPS = (
    Step(
        title="Click a word",
        task="Click {word} in the answer, then the squares of the picture that made the model say it, and press “Show "
        "me”.",
        hint="If you mark everything, you find everything, and that is no better than chance. Mark few squares.",
        take_home="A map says which parts of the picture the word depends on; what I expected can be wrong.",
        done="predicted",
        example=NIGHT,
        word="crown",
        predicts=True,
        another=True,
    ),
    Step(
        title="Words that need no picture",
        task="Underlined words need the picture. Click a word that hardly needs it. What does the page say?",
        hint="Grey words have no line under them. Try {quiet}: what else could follow the words before it?",
        take_home="A model can say a true word about a picture without looking at it.",
        done="needless",
        example=NIGHT,
        word="crown",
        another=True,
    ),
    Step(
        title="Two ways to hide, two maps",
        task="Open “Can I trust it?” (on a phone below the map) and press “Compare two ways to hide”. Where do the two "
        "maps of {word} agree?",
        hint="A grey square on a night sky is itself something to see. What does a blur leave that grey does not?",
        take_home="A map depends on how things were hidden: believe what both maps say.",
        done="compared",
        example=NIGHT,
        word="crown",
    ),
    Step(
        title="Is it better than chance?",
        task="In “Can I trust it?” press the button that begins with “Measure”. Is {word} lost sooner when the best "
        "parts are hidden first than when parts are hidden in a random order?",
        hint="Hide anything for long enough and the word is lost. It is the distance to the grey band that counts.",
        take_home="A map is good if hiding the parts that it names makes the word unlikely sooner than hiding other "
        "parts.",
        done="measured",
        example=NIGHT,
        word="crown",
        another=True,
    ),
    Step(
        title="The question gives it away",
        task="Under “Hide” (on a phone far below the map) tick “Words of the question” as well, press “Explain”, and "
        "click {word} in the answer. How much of it comes from the picture?",
        hint="Is {word} already in the question?",
        take_home="Before I admire an answer I ask how much of it the question gave away.",
        done="shared",
        example="4-colour",
        word="cup",
    ),
    Step(
        title="Why does it say that?",
        task="The model says that there is a fish. Mark what you think made it say {word}, and press “Show me”. If the "
        "map says otherwise, press “Mark again” and mark the true cause.",
        hint="Look at the corner that the map names. What is there that is in no other picture?",
        take_home="An answer can be wrong, or right, for a reason that has nothing to do with the thing: this is "
        "called Clever Hans, after a horse that watched its master instead of doing sums.",
        done="tag",
        example="7-clever-hans",
        word="fish",
        predicts=True,
        another=True,
    ),
    Step(
        title="What a map cannot say",
        task="Which of these sentences can a map show?",
        hint="In step 6 the map was good and the answer was wrong.",
        take_home="A map says what a word depends on; it does not say that the word is true, nor what the model "
        "thinks.",
        done="chosen",
        choices=(
            Choice("The word is true.", "No: a wrong word has a map, too, and the map can be a good one."),
            Choice(
                "Without this part of the picture the word would be less likely.",
                "Yes: parts were hidden, and this is what became of the word.",
                right=True,
            ),
            Choice(
                "The model thinks of this thing.",
                "No: parts were hidden and the model was asked again. How it comes to the word was not looked at.",
            ),
        ),
    ),
)
