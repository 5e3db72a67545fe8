"""What may be said of a scene, and what may be asked: a small grammar over its kinds and boxes.

Captions:

    caption  = phrase relation phrase         "two cats left of an apple"
    phrase   = "a" noun | "an" noun | "two" nouns | "three" nouns
    relation = "left of" | "right of" | "above" | "below"

A caption is right if it is one of `captions(things)`, all true sentences of the grammar: so correctness is exact.

Questions, by form:

    existence  "is there a cat"               yes, no
    counting   "how many cats are there"      zero to three; also of animals and of vehicles
    kind       "what animal is there"         a noun; asked if there is one kind of animal
    what       "what is left of the cat"      a noun; asked if only one kind is on that side
    relation   "is the cat left of the dog"   yes, no; asked if one is clearly left of the other

"The cat" is asked about only where there is exactly one.
"""

import functools
import random
from collections import Counter, defaultdict
from typing import NamedTuple

from rnnkit.data.scenes import KINDS, NAMES, RELATIONS, relations, towards

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


FORMS = ("existence", "counting", "kind", "what", "relation")
COUNTED = ("animal", "vehicle")  # categories with a plural
CATEGORIES = ("animal", "food", "vehicle")
DIRECTIONS = ("left", "right", "up", "down")  # the answers about clips
ANSWERS = ("no", "yes", *NUMBERS[:4], *DIRECTIONS, *NAMES)


class Question(NamedTuple):
    """A question and its true answer.

    form: one of `FORMS`. words: str. answer: one of `ANSWERS`. named: the kinds that the words name.
    meant: the kind that the answer names, or "".
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
    check_forms([form])
    found = [q for q in questions(things, names) if q.form == form]
    if not found:
        return None
    answer = rng.choice(sorted({q.answer for q in found}))
    return rng.choice([q for q in found if q.answer == answer])


def generate_questions(scenes, n, seed=0, forms=FORMS, names=NAMES):
    """Ask n questions about scenes so that the words alone do not give the answer away.

    The forms take turns. The words are drawn from all that the scenes answer in at least two ways, then one
    of the answers, each as likely, then a scene with that answer. So whoever does not look is right
    once in as many times as there are answers: see `guess_blind`.

    scenes: `Scenes`, or a list of tuples of `Thing`s. seed: int. forms: some of `FORMS`. names: the kinds
    that existence and counting are asked of.
    Returns a list of n pairs (index of the scene, `Question`).
    Raises ValueError for n below 1, an unknown form, and scenes too few for a form.
    """
    check_forms(forms)
    if n < 1:
        raise ValueError(f"n: expected at least 1, got {n}")
    found = index_questions(getattr(scenes, "things", scenes), forms, names)
    rng = random.Random(seed)
    return [draw(rng, found[forms[i % len(forms)]]) for i in range(n)]


def index_questions(things, forms, names):
    """form -> list, one entry for different words -> list of (question, the scenes that answer it so)."""
    found = {form: defaultdict(lambda: defaultdict(list)) for form in forms}
    for i, scene in enumerate(things):
        for q in questions(scene, names):
            if q.form in found:
                found[q.form][q.words][q].append(i)
    for form, by_words in found.items():
        found[form] = [list(by.items()) for by in by_words.values() if len(by) > 1]
        if not found[form]:
            raise ValueError(
                f"scenes: expected a {form} question with two different answers, "
                f"got none in {len(things)} scenes"
            )
    return found


def draw(rng, by_words):
    """Draw words, then an answer, then a scene: (index of the scene, question)."""
    question, where = rng.choice(rng.choice(by_words))
    return rng.choice(where), question


def guess_blind(learned, asked):
    """How often a guesser is right who knows the questions by heart and never sees a scene.

    It gives the answer that came most often with these words or, if it never met them, with this form.
    learned, asked: lists of pairs as
    `generate_questions` makes them, to learn from and to be tested on. Returns form -> share right.
    """
    answers = defaultdict(Counter)
    for _, q in learned:
        answers[q.words][q.answer] += 1
        answers[q.form][q.answer] += 1
    right = defaultdict(list)
    for _, q in asked:
        known = answers[q.words] or answers[q.form]
        right[q.form].append(known.most_common(1)[0][0] == q.answer)
    return {form: sum(hits) / len(hits) for form, hits in right.items()}


def check_forms(forms):
    """Raise ValueError unless these are some of `FORMS`."""
    if not forms or not set(forms) <= set(FORMS):
        raise ValueError(f"forms: expected some of {FORMS}, got {forms!r}")


QUESTION_WORDS = sorted(
    {"which", "way", "does", "move", "moves", "moving"}  # of clips
    | {"a", "an", "are", "how", "is", "many", "the", "there", "what", *CATEGORIES}
    | {plural(noun) for noun in COUNTED}
    | {word for relation in RELATIONS for word in relation.split()}
    | set(NOUNS)
)
