"""Each part of chapter 8's experiment at a tiny size."""

from functools import partial

from experiments import gru
from experiments.gru import CONTESTANTS, EXPERIMENT, TASKS, Rules

RULES = Rules(
    steps=2, batch_size=2, rates=(1e-2,), tuning_seeds=(9,), seeds=(0, 1), block=1
)


def test_every_cell_on_a_task(measured):
    found = measured(EXPERIMENT, "runs", task_names=("tags",), rules=RULES)
    assert [r["cell"] for r in found] == list(CONTESTANTS)
    assert all(len(r["train_loss"][1]) == 2 for r in found)


def test_every_task_and_a_cell_that_is_added_later(measured, monkeypatch):
    sizes = {"rules": RULES, "task_names": TASKS}
    before = measured(EXPERIMENT, "runs", cells=("gru",), **sizes)
    assert [r["task"] for r in before] == list(TASKS)
    assert "accuracy" not in before[0]  # adding is a regression
    trained = []
    contest = partial(note, trained, gru.contest)
    monkeypatch.setattr(gru, "contest", contest)
    after = measured(EXPERIMENT, "runs", keep=True, cells=("rnn", "gru"), **sizes)
    assert after[1::2] == before
    assert trained == [(task, "rnn") for task in TASKS]


def note(trained, contest, task, cell, rules):
    trained.append((task, cell))
    return contest(task, cell, rules)


def test_second_looks(measured):
    looks = (("tags", "rnn", 1e-2),)
    (found,) = measured(EXPERIMENT, "second_looks", looks=looks, rules=RULES)
    assert len(found["loss"]) == 2


def test_speed(measured):
    found = measured(EXPERIMENT, "speed", B=2, T=3, D=2, H=4, rounds=1)
    assert len(found["characters_per_second"]) == 9


def test_arrangements(measured):
    found = measured(EXPERIMENT, "arrangements", B=2, T=3, D=2, H=4, rounds=1)
    assert {"step by step", "fast", "gru fast"} <= set(found["times_as_fast"])
