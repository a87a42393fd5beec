"""The options --word and --tokens, by which a command is told which words of an answer to take."""

import argparse


def add_words(parser: argparse.ArgumentParser, what_for: str) -> None:
    """Add both options; `what_for` is the help of --word. `selection.choose_tokens` reads them."""
    add = parser.add_argument_group("which words of the answer").add_argument
    add("--word", default="", metavar="TEXT", help=what_for)
    add("--tokens", default="", metavar="N", help="... or these tokens, counted from 1, such as 2 or 2-4 or 1,3")
