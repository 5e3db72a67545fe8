"""The training loop: the schedule, the budget, the best weights, interruptions."""

import itertools
import math
import signal
import threading
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from rnnkit.nn import checkpoint
from rnnkit.nn.text.char_lm import CharLM
from rnnkit.nn.text.chunks import ChunkStream, nats_per_character
from rnnkit.nn.training import Training, fit, learning_rate

from .text.small_char_lm import CELLS, same


def test_the_learning_rate_rises_then_falls():
    assert learning_rate(0, 0.1) == 0
    assert learning_rate(0.01, 0.1) == pytest.approx(0.05)
    assert learning_rate(0.02, 0.1) == pytest.approx(0.1)
    assert learning_rate(0.51, 0.1) == pytest.approx(0.05)
    assert learning_rate(1, 0.1) == 0
    assert learning_rate(0.25, 0.1, warmup=0.5) == pytest.approx(0.05)
    assert learning_rate(0, 0.1, warmup=0) == 0.1


def a_training(steps=20, cell="lstm", dropout=0.0, **options):
    torch.manual_seed(7)
    model = CharLM(5, cell, 4, 6, num_layers=2, dropout=dropout)
    stream = ChunkStream(torch.arange(263) % 5, 2, 10)
    return Training(model, stream, steps=steps, **options)


def weights(training):
    return {k: v.clone() for k, v in training.model.state_dict().items()}


@pytest.mark.trains
def test_training_learns():
    training = a_training(steps=300, lr=0.02)
    history = fit(
        training,
        lambda model: nats_per_character(model, torch.arange(50) % 5),
        bar=False,
    )
    assert history.step == 300
    # Over 24 seeds, with and without AVX: 1.2 to 1.6, and 0.007 to 0.016.
    assert history.points[0]["train_loss"] > 1
    assert history.best_loss < 0.05
    assert not history.interrupted


@pytest.mark.trains
def test_a_step_clips_the_gradient_and_follows_the_schedule():
    training = a_training(clip=0.01, lr=0.5)
    training.model.eval()
    training.step(0.51)
    assert training.model.training, "with dropout"
    norms = [p.grad.norm() for p in training.model.parameters()]
    assert torch.stack(norms).norm() == pytest.approx(0.01, rel=1e-3)
    assert training.optimizer.param_groups[0]["lr"] == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"steps": 0}, "steps: expected more than 0, got 0"),
        ({"steps": None, "minutes": -1}, "minutes: expected more than 0, got -1"),
        ({"steps": None}, "expected one of the two, got None and None"),
        ({"minutes": 1}, "expected one of the two, got 1 and 20"),
    ],
)
def test_a_budget_that_cannot_be(options, message):
    with pytest.raises(ValueError, match=message):
        a_training(**options)


@pytest.mark.trains
@pytest.mark.parametrize(
    ("steps", "evaluations"), [(20, 10), (100, 100), (7, 3), (3, 1), (29, 29)]
)
def test_evaluations_are_counted(steps, evaluations):
    calls, saved = [], []
    training = a_training(steps)

    def evaluate(model):
        calls.append(training.history.step)
        return 1.0

    history = fit(training, evaluate, evaluations, save=saved.append, bar=False)
    assert len(calls) == len(saved) == evaluations
    assert calls[-1] == steps
    assert [point["step"] for point in history.points] == calls
    gaps = np.diff([0, *calls])
    assert gaps.max() - gaps.min() <= 1


@pytest.mark.trains
def test_the_time_is_a_budget_too(monkeypatch):
    """Each look at this clock finds it a hundredth of a second further: a step takes one."""
    ticks = itertools.count()
    clock = SimpleNamespace(perf_counter=lambda: next(ticks) / 100)
    monkeypatch.setattr("rnnkit.nn.training.time", clock)
    training = a_training(steps=None, minutes=0.295 / 60)
    history = fit(training, None, 3, bar=False)
    assert history.step == 30
    assert history.seconds == pytest.approx(0.3)
    assert len(history.points) == 3


@pytest.mark.trains
def test_the_best_weights_are_kept():
    training, seen, losses = a_training(), [], iter([3.0, 1.0, 2.0, 1.5])

    def evaluate(model):
        seen.append(weights(training))
        return next(losses)

    history = fit(training, evaluate, evaluations=4, bar=False)
    assert history.best_loss == 1.0
    assert same(weights(training), seen[1])
    assert not same(seen[1], seen[3])


@pytest.mark.trains
def test_without_validation_the_last_weights_stay():
    training, saved = a_training(), []
    fit(training, None, 2, save=lambda t: saved.append(weights(t)), bar=False)
    assert same(weights(training), saved[-1])
    assert training.best is None


@pytest.mark.trains
def test_a_loss_that_is_no_number_ends_the_run():
    training = a_training(lr=1e30)
    with pytest.raises(
        FloatingPointError, match=r"train_loss is nan .* smaller learning rate"
    ):
        fit(training, None, bar=False)
    training = a_training()
    with pytest.raises(FloatingPointError, match="val_loss is nan at step 2"):
        fit(training, lambda model: math.nan, bar=False)
    assert training.best is None


@pytest.mark.trains
@pytest.mark.parametrize("cell", CELLS)
def test_an_interrupted_run_goes_on_bit_for_bit(cell, tmp_path):
    whole = a_training(30, cell, dropout=0.3)
    fit(whole, None, 3, bar=False)

    class Stop(Exception):
        pass

    def save(training):
        checkpoint.save(tmp_path / "run.safetensors", *training.state_dict())
        if training.history.step == 20:
            raise Stop

    with pytest.raises(Stop):
        fit(a_training(30, cell, dropout=0.3), None, 3, save, bar=False)
    later = a_training(30, cell, dropout=0.3)
    torch.manual_seed(99)  # the stored state of the generator must win
    later.load_state_dict(*checkpoint.load(tmp_path / "run.safetensors"))
    assert later.history.step == 20
    fit(later, None, 3, bar=False)
    tensors, expected = later.state_dict()[0], whole.state_dict()[0]
    assert {"rng", "data.position", "data.state.0", "optimizer.0.step"} < set(tensors)
    assert same(tensors, expected)
    points = [training.history.points for training in (later, whole)]
    assert [p["train_loss"] for p in points[0]] == [p["train_loss"] for p in points[1]]


@pytest.mark.trains
def test_the_best_weights_outlive_an_interruption():
    first = a_training(20)
    fit(first, lambda model: 1.0, 1, bar=False)
    later = a_training(40)
    later.load_state_dict(*first.state_dict())
    fit(later, lambda model: 2.0, 2, bar=False)
    assert later.history.best_loss == 1.0
    assert same(weights(later), weights(first))


@pytest.mark.trains
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_the_run_in_good_order(number):
    before = signal.getsignal(number)
    training, saved = a_training(steps=1000), []

    def evaluate(model):
        if training.history.step == 10:
            signal.raise_signal(number)
        return 100.0 - training.history.step

    history = fit(training, evaluate, 100, save=saved.append, bar=False)
    assert history.interrupted
    # One more step, which is evaluated, kept and saved.
    assert history.step == history.points[-1]["step"] == 11
    assert history.best_loss == 89
    assert len(saved) == 2
    assert signal.getsignal(number) == before


def test_the_second_interrupt_acts_as_usual():
    # A process started in the background ignores Ctrl-C unless told otherwise.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    training = a_training(steps=1000)

    def evaluate(model):
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        fit(training, evaluate, 100, bar=False)
    assert signal.signal(signal.SIGINT, before) is signal.default_int_handler


@pytest.mark.trains
def test_training_works_beside_the_main_thread():
    training = a_training()
    thread = threading.Thread(target=fit, args=(training,), kwargs={"bar": False})
    thread.start()
    thread.join()
    assert training.history.step == 20


@pytest.mark.trains
def test_the_bar_goes_to_the_standard_error(capsys):
    fit(a_training(), lambda model: 1.0)
    out, err = capsys.readouterr()
    assert out == ""
    assert "100%" in err
    assert "loss" in err
