"""What may be asked of a scene or of a clip, and the true answer: a small grammar over kinds, boxes and moves.

Questions about scenes, by form:

    existence  "is there a cat"               yes, no
    counting   "how many cats are there"      zero to three; also of animals and of vehicles
    kind       "what animal is there"         a noun; asked if there is one kind of animal
    what       "what is left of the cat"      a noun; asked if only one kind is on that side
    relation   "is the cat left of the dog"   yes, no; asked if one is clearly left of the other

"The cat" is asked about only where there is exactly one. Questions about clips:

    direction  "which way does the cat move"  left, right, up, down; asked of what moves
    mover      "what moves"                   a noun
    moving     "is the cat moving"            yes, no; asked of all that is there
"""

import functools
from collections import Counter
from typing import NamedTuple

from rnnkit.scenes.balance import balance, check_forms
from rnnkit.scenes.captions import NOUNS, NUMBERS, phrase, plural
from rnnkit.scenes.clips import DIRECTIONS
from rnnkit.scenes.drawings import KINDS, NAMES
from rnnkit.scenes.layouts import RELATIONS, relations

FORMS = ("existence", "counting", "kind", "what", "relation")
CLIP_FORMS = ("direction", "mover", "moving")
COUNTED = ("animal", "vehicle")  # categories with a plural
CATEGORIES = ("animal", "food", "vehicle")
ANSWERS = ("no", "yes", *NUMBERS[:4], *DIRECTIONS, *NAMES)
QUESTION_WORDS = sorted(
    {"which", "way", "does", "move", "moves", "moving"}  # of clips
    | {"a", "an", "are", "how", "is", "many", "the", "there", "what", *CATEGORIES}
    | {plural(noun) for noun in COUNTED}
    | {word for relation in RELATIONS for word in relation.split()}
    | set(NOUNS)
)


class Question(NamedTuple):
    """A question and its true answer.

    form: which kind of question it is. words: str, lower case. answer: one word. named: the kinds of
    drawings that the words name. meant: the kind that the answer names, or "".
    """

    form: str
    words: str
    answer: str
    named: tuple = ()
    meant: str = ""


question = functools.cache(Question)  # few are different, many are made


def questions(things, names=NAMES):
    """Every question of the grammar that a scene answers, for the kinds in names: a list of `Question`."""
    number = Counter(thing.name for thing in things)
    return [
        *ask_existence(number, names),
        *ask_counting(number, names),
        *ask_kind(number),
        *ask_what(things, number),
        *ask_relation(things, number),
    ]


def ask_existence(number, names):
    """ "is there a cat", for every kind in names. number: how many there are of each kind."""
    for a in names:
        answer = "yes" if number[a] else "no"
        yield question("existence", f"is there {phrase(a, 1)}", answer, (a,))


def ask_counting(number, names):
    """ "how many cats are there", for every kind in names and the countable categories."""
    counts = {a: number[a] for a in names}
    for category in COUNTED:
        counts[category] = sum(k for a, k in number.items() if KINDS[a][0] == category)
    for noun, k in counts.items():
        if NUMBERS[k] in ANSWERS:
            named = (noun,) if noun in KINDS else ()
            yield question(
                "counting", f"how many {plural(noun)} are there", NUMBERS[k], named
            )


def ask_kind(number):
    """ "what animal is there", where all animals of the scene are of one kind."""
    for category in CATEGORIES:
        there = [a for a in number if KINDS[a][0] == category]
        if len(there) == 1:
            yield question("kind", f"what {category} is there", there[0], (), there[0])


def ask_what(things, number):
    """ "what is left of the cat", where one kind is, and of no other kind anything is even a little."""
    true = relations(things)
    slightly = [
        (t.name, relation, u.name)
        for t in things
        for u in things
        for relation in towards(t, u)
    ]
    for b in number:
        for relation in RELATIONS:
            near = {a for a, r, c in slightly if (r, c) == (relation, b)} - {b}
            clear = [a for a in near if (a, relation, b) in true]
            if number[b] == len(near) == len(clear) == 1:
                words = f"what is {relation} the {b}"
                yield question("what", words, clear[0], (b,), clear[0])


def towards(thing, other):
    """On which sides of the other a thing's centre lies, be it by half a pixel: names of relations."""
    x, y = (
        thing.box[i] + thing.box[i + 2] - other.box[i] - other.box[i + 2]
        for i in (0, 1)
    )
    return [
        r
        for r, is_so in zip(RELATIONS, (x < 0, x > 0, y < 0, y > 0), strict=True)
        if is_so
    ]


def ask_relation(things, number):
    """ "is the cat left of the dog", where it is or where it is on the opposite side."""
    for a, relation, b in relations(things):
        if number[a] == number[b] == 1:
            for asked, answer in ((relation, "yes"), (OPPOSITE[relation], "no")):
                words = f"is the {a} {asked} the {b}"
                yield question("relation", words, answer, (a, b))


OPPOSITE = dict(zip(RELATIONS, ("right of", "left of", "below", "above"), strict=True))


def ask(rng, things, form, names=NAMES):
    """Draw one question of a form about one scene: first the answer, then the words that lead to it.

    rng: random.Random. Returns a `Question`, or None where the scene answers no question of this form.
    Raises ValueError for an unknown form.
    """
    check_forms([form], FORMS)
    found = [q for q in questions(things, names) if q.form == form]
    if not found:
        return None
    answer = rng.choice(sorted({q.answer for q in found}))
    return rng.choice([q for q in found if q.answer == answer])


def generate_questions(scenes, n, seed=0, forms=FORMS, names=NAMES):
    """Ask n questions about scenes so that the words alone do not give the answer away: see `balance`.

    scenes: `Scenes`, or a list of tuples of `Thing`s. seed: int. forms: some of `FORMS`, which take turns.
    names: the kinds that existence and counting are asked of.
    Returns a list of n pairs (index of the scene, `Question`).
    Raises ValueError for n below 1, an unknown form, and scenes too few for a form.
    """
    check_forms(forms, FORMS)
    found = [questions(things, names) for things in getattr(scenes, "things", scenes)]
    return balance(found, n, seed, forms)


def clip_questions(clips, i):
    """Every question of the grammar that clip i answers: a list of `Question`."""
    a = clips.movers[i]
    way = f"which way does the {a} move"
    found = [question("direction", way, clips.directions[i], (a,))]
    found.append(question("mover", "what moves", a, (), a))
    for thing in clips.things[i][0]:
        b, answer = thing.name, "yes" if thing.name == a else "no"
        found.append(question("moving", f"is the {b} moving", answer, (b,)))
    return found


def generate_clip_questions(clips, n, seed=0, forms=CLIP_FORMS):
    """Ask n questions about clips so that the words alone do not give the answer away: see `balance`.

    clips: Clips. seed: int. forms: some of `CLIP_FORMS`, which take turns.
    Returns a list of n pairs (index of the clip, `Question`).
    Raises ValueError for n below 1, an unknown form, and clips too few for a form.
    """
    check_forms(forms, CLIP_FORMS)
    found = [clip_questions(clips, i) for i in range(len(clips))]
    return balance(found, n, seed, forms)
