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

from collections import Counter

from rnnkit.data.balance import Question as Question
from rnnkit.data.balance import balance, check_forms, question
from rnnkit.data.balance import guess_blind as guess_blind
from rnnkit.data.drawings import KINDS, NAMES
from rnnkit.data.scenes import RELATIONS, relations

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


QUESTION_WORDS = sorted(
    {"which", "way", "does", "move", "moves", "moving"}  # of clips
    | {"a", "an", "are", "how", "is", "many", "the", "there", "what", *CATEGORIES}
    | {plural(noun) for noun in COUNTED}
    | {word for relation in RELATIONS for word in relation.split()}
    | set(NOUNS)
)
