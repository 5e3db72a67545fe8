"""Scenes: boxes, relations, what is held out."""

import hashlib
import subprocess
import sys
import time
from collections import Counter
from itertools import combinations

import numpy as np
import pytest

from rnnkit.scenes import layouts
from rnnkit.scenes.captions import captions, count
from rnnkit.scenes.drawings import KINDS, NAMES
from rnnkit.scenes.layouts import Thing


@pytest.fixture(scope="module")
def training():
    return layouts.generate_scenes(3000, seed=0)


FIRST = (
    Thing("rocket", "🚀", (14, 12, 34, 42)),
    Thing("cake", "🎂", (45, 30, 64, 49)),
)


def digest(images):
    return hashlib.sha256(images.tobytes()).hexdigest()[:16]


def test_the_same_seed_makes_the_same_scenes_in_every_process():
    assert layouts.generate_scenes(1, seed=3).things == (FIRST,)
    code = (
        "import hashlib; from rnnkit.scenes import layouts as s; x = s.generate_scenes(9); "
        "print(hashlib.sha256(x.images.tobytes()).hexdigest()[:16], hash(x.things) * 0)"
    )
    run = [sys.executable, "-c", code]
    out = subprocess.run(run, capture_output=True, text=True, check=True).stdout
    assert out.split()[0] == digest(layouts.generate_scenes(9).images)


def test_the_pixels_of_the_pinned_release_of_pillow(training):
    """Stored runs and shipped models were trained on these bytes."""
    assert digest(training.images) == "d1edc2e823f7ecba"
    assert digest(layouts.generate_drawings(500, seed=5)[0]) == "b8a4b4cdc4856a42"


def test_boxes_are_tight_around_the_ink(training):
    for image, things in zip(training.images[:250], training.things, strict=False):
        ground = Counter(map(tuple, image.reshape(-1, 3))).most_common(1)[0][0]
        ink = abs(image.astype(int) - ground).max(axis=-1) > 8
        covered = np.zeros_like(ink)
        for left, top, right, bottom in (thing.box for thing in things):
            part = ink[top:bottom, left:right]
            rows, columns = np.flatnonzero(part.any(1)), np.flatnonzero(part.any(0))
            assert rows[0] <= 1
            assert columns[0] <= 1
            assert rows[-1] >= len(part) - 2
            assert columns[-1] >= part.shape[1] - 2
            covered[top:bottom, left:right] = True
        assert not (ink & ~covered).any()


@pytest.mark.parametrize("which", ["training", "crowd"])
def test_no_two_drawings_overlap_beyond_the_rule(which, request):
    for things in request.getfixturevalue(which).things:
        for a, b in combinations(things, 2):
            across = [
                min(a.box[i + 2], b.box[i + 2]) - max(a.box[i], b.box[i])
                for i in (0, 1)
            ]
            assert min(across) <= layouts.OVERLAP


def test_relations_are_true_by_the_boxes_and_none_is_missing(crowd):
    def centres(things, name, axis):
        return [(t.box[axis] + t.box[axis + 2]) / 2 for t in things if t.name == name]

    for things in crowd.things:
        true = set(layouts.relations(things))
        assert true
        for a in {t.name for t in things}:
            for b in {t.name for t in things} - {a}:
                for relation, axis, sign in zip(
                    layouts.RELATIONS, (0, 0, 1, 1), (1, -1, 1, -1), strict=True
                ):
                    holds = all(
                        sign * (q - p) >= layouts.MARGIN
                        for p in centres(things, a, axis)
                        for q in centres(things, b, axis)
                    )
                    assert holds == ((a, relation, b) in true)


def test_held_out_pairs_meet_only_where_they_must(training):
    held = layouts.generate_scenes(1000, seed=1, pairs="held-out")
    for data, expected in ((training, False), (held, True)):
        for things in data.things:
            for a, b in combinations({t.name for t in things}, 2):
                assert layouts.is_held_out(a, b) == expected


def test_held_out_drawings_are_never_seen(training):
    unseen = {c for _, _, held_out in KINDS.values() for c in held_out}
    assert not unseen & {t.drawing for things in training.things for t in things}
    data = layouts.generate_scenes(300, drawings="held-out")
    assert {t.drawing for things in data.things for t in things} == unseen
    _, labels = layouts.generate_drawings(500, drawings="held-out")
    assert {NAMES[i] for i in labels} == {a for a in NAMES if KINDS[a][2]}


def test_patterns_say_how_many_of_each_kind(crowd):
    found = {tuple(sorted(count(things).values())) for things in crowd.things}
    assert found == {(1, 2), (1, 1, 1), (1, 3), (1, 1, 2), (1, 1, 1, 1)}


def test_small_pictures_end_too():
    for pattern in ("abc", "aaab"):
        data = layouts.generate_scenes(5, patterns=(pattern,), size=48)
        assert data.images.shape == (5, 48, 48, 3)


def test_two_thousand_scenes_a_second_of_processor_time(training):
    """Where a loop in Python makes twenty million steps a second: ten thousand for a scene, at most."""

    def seconds(work):
        start = time.process_time()
        work()
        return time.process_time() - start

    # The least of several: a machine that is busy with other things makes a run slow, and none quick.
    made = min(seconds(lambda: layouts.generate_scenes(200, seed=9)) for _ in range(5))
    plain = min(seconds(lambda: sum(i * i for i in range(10**6))) for _ in range(5))
    # 2,300 to 3,600 steps of the loop, on two busy cores.
    assert made / 200 < 10_000 * plain / 10**6


def test_a_composed_scene_is_what_was_asked_for():
    data = layouts.compose([("cat", 16, 20, 20, 0), ("🍏", 63, 63, 24, 0)])
    cat, apple = data.things[0]
    assert (cat.name, cat.drawing) == ("cat", "🐈")
    assert (apple.name, apple.drawing) == ("apple", "🍏")
    assert max(cat.box[2] - cat.box[0], cat.box[3] - cat.box[1]) == 20
    assert [cat.box[0] + cat.box[2], cat.box[1] + cat.box[3]] == pytest.approx(
        [32, 40], abs=1
    )
    assert apple.box[2:] == (64, 64)
    assert "a cat left of an apple" in captions(data.things[0])
    assert tuple(data.images[0, 0, -1]) == (240, 240, 240)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0}, "n: expected at least 1, got 0"),
        ({"size": 47}, "size: expected at least 48, got 47"),
        ({"pairs": "all"}, 'pairs: expected "seen" or "held-out", got \'all\''),
        ({"drawings": "new"}, "drawings: expected \"seen\" or .* got 'new'"),
        ({"names": ("cat", "unicorn")}, "names: expected some of .*unicorn"),
        ({"names": ("cat", "cat")}, "names: expected each once"),
        ({"names": "cat"}, "names: expected some of"),
        ({"names": ()}, "names: expected one with seen drawings"),
        (
            {"names": ("horse", "cow"), "drawings": "held-out"},
            "names: expected one with held-out drawings",
        ),
        ({"names": ("cat", "apple")}, "names: expected 2 kinds that may meet"),
        (
            {"names": ("cat", "dog"), "pairs": "held-out"},
            "names: expected 2 kinds that may meet .* got 1",
        ),
        ({"patterns": ("aa",)}, "patterns: expected .* got 'aa'"),
        ({"patterns": "aab"}, "patterns: expected .* got 'a' in 'aab'"),
        ({"patterns": ("aaaab",)}, "patterns: expected .*'aaaab'"),
        ({"patterns": ()}, "patterns: expected at least one, got none"),
    ],
)
def test_bad_arguments(arguments, message):
    with pytest.raises(ValueError, match=message):
        layouts.generate_scenes(**{"n": 2} | arguments)


def test_compose_names_what_it_does_not_know():
    with pytest.raises(
        ValueError, match=r"things: expected a kind or .* got 'unicorn'"
    ):
        layouts.compose([("unicorn", 0, 0, 20, 0)])
