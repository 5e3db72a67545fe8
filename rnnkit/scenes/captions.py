"""What may be said of a scene: a small grammar over its kinds and boxes.

    caption  = phrase relation phrase         "two cats left of an apple"
    phrase   = "a" noun | "an" noun | "two" nouns | "three" nouns
    relation = "left of" | "right of" | "above" | "below"

A caption is right if it is one of `captions(things)`, all true sentences of the grammar: so correctness is exact.
"""

from rnnkit.scenes.drawings import NAMES
from rnnkit.scenes.layouts import RELATIONS, relations

NUMBERS = ("zero", "one", "two", "three", "four")


def plural(noun):
    """bus -> buses, cat -> cats."""
    return noun + ("es" if noun.endswith("s") else "s")


def phrase(name, number):
    """("apple", 1) -> "an apple", ("cat", 2) -> "two cats"."""
    if number > 1:
        return f"{NUMBERS[number]} {plural(name)}"
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def captions(things):
    """Every true caption of a scene's things: a sorted list of strings of words."""
    number = count(things)
    return sorted(
        f"{phrase(a, number[a])} {relation} {phrase(b, number[b])}"
        for a, relation, b in relations(things)
    )


def count(things):
    """How many there are of each name: a dict."""
    names = [thing.name for thing in things]
    return {name: names.count(name) for name in names}


NOUNS = {form: name for name in NAMES for form in (name, plural(name))}  # cats -> cat
CAPTION_WORDS = sorted(
    {"a", "an", *NUMBERS[2:4]} | {w for r in RELATIONS for w in r.split()} | set(NOUNS)
)


def phrases(words):
    """Where each phrase of a caption stands: (first word's index, noun's index, name) for each.

    The noun is decided at the first word: "an" and "two" already depend on it.
    """
    found, start = [], 0
    for i, word in enumerate(words):
        if word in NOUNS:
            found.append((max(start, i - 1), i, NOUNS[word]))
            start = i + 1
    return found
