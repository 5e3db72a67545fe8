"""Questions drawn so that their words alone do not give the answer away.

People who write questions about pictures favour some answers: in the first large data set, a model that never saw
the picture was right about half of the time (Antol et al., 2015, Table 2). So here every answer to the same words comes as often as any other.
"""

import random
from collections import Counter, defaultdict


def balance(found, n, seed, forms):
    """Draw n questions of what can be asked of each scene.

    The forms take turns. Words are drawn from all that the scenes answer in at least two ways, then one
    of the answers, each as likely, then a scene with that answer. So whoever does not look is right
    once in as many times as there are answers: see `guess_blind`.

    found: for each scene the list of its `rnnkit.scenes.questions.Question`s. n: at least 1. seed: int. forms: sequence of str.
    Returns a list of n pairs (index of the scene, `Question`).
    Raises ValueError for n below 1 and where a form has no words with two answers.
    """
    if n < 1:
        raise ValueError(f"n: expected at least 1, got {n}")
    by_form = index_questions(found, forms)
    rng = random.Random(seed)
    return [draw(rng, by_form[forms[i % len(forms)]]) for i in range(n)]


def index_questions(found, forms):
    """form -> list, one entry for different words -> list of (question, the scenes that answer it so)."""
    index = {form: defaultdict(lambda: defaultdict(list)) for form in forms}
    for i, asked in enumerate(found):
        for q in asked:
            if q.form in index:
                index[q.form][q.words][q].append(i)
    different = {}
    for form, by_words in index.items():
        different[form] = [list(by.items()) for by in by_words.values() if len(by) > 1]
        if not different[form]:
            raise ValueError(
                f"scenes: expected two different answers to the same {form} question, "
                f"got none in {len(found)} scenes"
            )
    return different


def draw(rng, by_words):
    """Draw words, then an answer, then a scene: (index of the scene, question)."""
    question, where = rng.choice(rng.choice(by_words))
    return rng.choice(where), question


def lean(asked, share, names, seed=0):
    """Spoil the balance: keep yes-or-no questions so that their words favour one answer.

    Where the first kind that is named is one of `names`, yes is favoured, elsewhere no.

    asked: pairs as `balance` makes them, the answers as many times yes as no. share: how often the favoured
    answer shall come, between 0 and 1; below one half it comes more rarely than the other. seed: int.
    Returns a list of some of the pairs. Raises ValueError for a share of 0 or less, or of 1 or more.
    """
    if not 0 < share < 1:
        raise ValueError(f"share: expected between 0 and 1, got {share!r}")
    rng, odds, kept = random.Random(seed), share / (1 - share), []
    for i, q in asked:
        favoured = (q.answer == "yes") == (q.named[0] in names)
        if rng.random() < min(1, odds if favoured else 1 / odds):
            kept.append((i, q))
    return kept


def guess_blind(learned, asked):
    """How often a guesser is right who knows the questions by heart and never sees a scene.

    It gives the answer that came most often with these words or, if it never met them, with this form.

    learned, asked: lists of pairs as `balance` makes them, to learn from and to be tested on.
    Returns form -> share right. Raises ValueError for a form that is asked but was never learned.
    """
    answers = defaultdict(Counter)
    for _, q in learned:
        answers[q.words][q.answer] += 1
        answers[q.form][q.answer] += 1
    check_forms({q.form for _, q in asked}, {q.form for _, q in learned})
    right = defaultdict(list)
    for _, q in asked:
        known = answers[q.words] or answers[q.form]
        right[q.form].append(known.most_common(1)[0][0] == q.answer)
    return {form: sum(hits) / len(hits) for form, hits in right.items()}


def check_forms(forms, known):
    """Raise ValueError unless these are some of the known forms, and at least one."""
    if not forms or not set(forms) <= set(known):
        raise ValueError(f"forms: expected some of {sorted(known)}, got {forms!r}")
