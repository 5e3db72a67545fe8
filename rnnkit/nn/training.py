"""The training loop: for every model that is trained alone.

AdamW, warm-up and linear decay, clipping by norm, validation on the way, the best weights kept,
Ctrl-C that ends the run in good order, and all that is needed to go on later.
"""

import contextlib
import copy
import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import torch
from torch import nn
from tqdm import tqdm

from rnnkit.nn.batches import Data
from rnnkit.nn.checkpoint import join, select
from rnnkit.nn.processes import agree, rank


def learning_rate(progress, peak, warmup=0.02):
    """Learning rate when a share `progress` (0 to 1) of the training is over.

    Rises in a straight line from 0 to `peak` over the first `warmup`, then falls in one to 0.
    """
    if progress < warmup:
        return peak * progress / warmup
    return peak * (1 - progress) / (1 - warmup)


@dataclass
class History:
    """What a run has measured so far; plain numbers, so that it can be written as JSON."""

    step: int = 0
    seconds: float = 0.0  # spent on training steps, validation not counted
    best_loss: float = math.inf  # on validation data, nats
    points: list = field(default_factory=list)  # step, seconds, train_loss, val_loss
    interrupted: bool = False


class Training:
    """A model, its data and its optimiser under way; `fit` drives it.

    Arguments:
        model: an nn.Module.
        data: has `loss(model)`, the loss on the next batch, and `state_dict` / `load_state_dict`.
        minutes or steps: when it is over; the learning rate follows the share that is used up.
        lr: peak learning rate; weight_decay: AdamW's; warmup: share of the training.
        clip: largest norm of the gradient.
    """

    def __init__(
        self,
        model: nn.Module,
        data: Data,
        minutes: float | None = None,
        steps: int | None = None,
        lr: float = 6e-3,
        weight_decay: float = 0.01,
        warmup: float = 0.02,
        clip: float = 1.0,
    ) -> None:
        if (minutes is None) == (steps is None):
            raise ValueError(
                f"minutes, steps: expected one of the two, got {minutes!r} and {steps!r}"
            )
        for name, budget in (("minutes", minutes), ("steps", steps)):
            if budget is not None and budget <= 0:
                raise ValueError(f"{name}: expected more than 0, got {budget!r}")
        self.model: Any = model
        self.data = data
        self.minutes, self.steps = minutes, steps
        self.lr, self.warmup, self.clip = lr, warmup, clip
        self.optimizer = torch.optim.AdamW(
            model.parameters(), lr=lr, weight_decay=weight_decay, fused=True
        )
        self.history = History()
        self.best: dict | None = None  # the weights with the smallest validation loss

    def progress(self) -> float:
        """Return the share of the training that is over, 0 to 1."""
        if self.steps is not None:
            return min(1.0, self.history.step / self.steps)
        assert self.minutes is not None  # one of the two is given
        return min(1.0, self.history.seconds / (60 * self.minutes))

    def step(self, progress):
        """Change the weights once; returns the loss before the change, a tensor."""
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(progress, self.lr, self.warmup)
        self.model.train()
        loss = self.data.loss(self.model)
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.clip)
        self.optimizer.step()
        self.history.step += 1
        return loss.detach()

    def keep_if_best(self, val_loss: float) -> None:
        """Copy the weights if the validation loss, in nats, is the smallest so far."""
        if val_loss < self.history.best_loss:
            self.history.best_loss = val_loss
            self.best = copy.deepcopy(self.model.state_dict())

    def state_dict(self) -> tuple[dict, dict]:
        """Return all that is needed to go on later: a flat dict of tensors, and the history."""
        tensors = {"rng": torch.get_rng_state()}
        parts = {
            "model": self.model.state_dict(),
            "best": self.best or {},
            "data": self.data.state_dict(),
        }
        for i, moments in self.optimizer.state_dict()["state"].items():
            parts[f"optimizer.{i}"] = moments
        return tensors | join(parts), asdict(self.history)

    def load_state_dict(self, tensors: dict, history: dict) -> None:
        """Go on from what `state_dict` returned."""
        self.history = History(**history)
        self.history.interrupted = False
        torch.set_rng_state(tensors["rng"].cpu())
        self.model.load_state_dict(select(tensors, "model"))
        self.best = select(tensors, "best") or None
        self.data.load_state_dict(select(tensors, "data"))
        optimizer = self.optimizer.state_dict()
        n_parameters = len(optimizer["param_groups"][0]["params"])
        optimizer["state"] = {
            i: select(tensors, f"optimizer.{i}") for i in range(n_parameters)
        }
        self.optimizer.load_state_dict(optimizer)


def fit(training, evaluate=None, evaluations=10, save=None, bar=True):
    """Train until the time or the steps are used up, or Ctrl-C; keep the best weights.

    Arguments:
        training: a Training, fresh or with a loaded state.
        evaluate: function of the model that returns its validation loss in nats; None for no
            validation, and then the last weights stay.
        evaluations: how often, at equal distances; the last is at the end.
        save: function of the training, called after each evaluation.
        bar: show progress, loss, speed and the time left on the standard error.

    Returns:
        training.history. The model has the best weights that validation saw.

    Raises:
        FloatingPointError: the loss is no longer a finite number.

    Ctrl-C (once) ends the run after the step under way; what it has learnt is evaluated and kept.
    Under several processes the first one keeps the time, evaluates and saves.
    """
    history, first = training.history, rank() == 0
    losses, done = [], training.progress()
    with stop_on_interrupt() as stop, progress_bar(bar and first, done) as shown:
        started = time.perf_counter()
        while done < 1 and not history.interrupted:
            losses.append(training.step(done))
            # The bar is counted: where it reads the loss, it waits for an accelerator's work.
            now = time.perf_counter()
            history.seconds, started = history.seconds + now - started, now
            before = done
            done, history.interrupted = agree(training.progress(), stop.is_set())
            shown(done, losses, history)
            # 1e-9: 0.29 * 100 is a little less than 29.
            due = int(done * evaluations + 1e-9) > int(before * evaluations + 1e-9)
            if first and (due or history.interrupted):
                record(training, losses, evaluate)
                losses = []
                if save is not None:
                    save(training)
                started = time.perf_counter()
    if training.best is not None:
        training.model.load_state_dict(training.best)
    return history


def record(
    training: Training, losses: list[torch.Tensor], evaluate: Callable | None
) -> None:
    """Add one point to the history: the mean training loss since the last, the validation loss."""
    history = training.history
    point = {"step": history.step, "seconds": history.seconds}
    point["train_loss"] = torch.stack(losses).mean().item()
    if evaluate is not None:
        point["val_loss"] = evaluate(training.model)
    for name in ("train_loss", "val_loss"):
        if not math.isfinite(point.get(name, 0)):
            raise FloatingPointError(
                f"{name} is {point[name]} at step {history.step}: try a smaller learning rate"
            )
    if evaluate is not None:
        training.keep_if_best(point["val_loss"])
    history.points.append(point)


@contextlib.contextmanager
def stop_on_interrupt() -> Iterator[threading.Event]:
    """Turn the first Ctrl-C (or a SIGTERM) into a request to stop; the second acts as usual."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked  # signals reach the main thread alone
        return

    def ask(number, frame):
        asked.set()
        restore()

    def restore():
        for number, handler in before.items():
            signal.signal(number, handler)

    before = {n: signal.signal(n, ask) for n in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked
    finally:
        restore()


@contextlib.contextmanager
def progress_bar(visible: bool, done: float) -> Iterator[Callable]:
    """A bar from 0 to 100 %; yields the function that moves it."""
    form = "{desc}{percentage:3.0f}% |{bar}| {elapsed} gone, {remaining} left{postfix}"
    with tqdm(
        total=100, initial=100 * done, disable=not visible, bar_format=form
    ) as bar:

        def show(done, losses, history):
            # Reading the loss makes an accelerator wait: not at every step.
            if visible and history.step % 20 == 0:
                bar.set_postfix_str(f"loss {losses[-1].item():.3f}", refresh=False)
            bar.update(100 * done - bar.n)

        yield show
