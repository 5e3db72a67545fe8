"""What a run of `rnnkit train` says, and the files that it leaves behind."""

import json
import platform
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from matplotlib.figure import Figure

import rnnkit
from rnnkit.cli.output import showing
from rnnkit.cli.parallel import world_size
from rnnkit.cli.use import MODEL, headline, levels, table, unigram_entropy
from rnnkit.nn import checkpoint
from rnnkit.nn.processes import rank
from rnnkit.nn.text.char_lm import save_charlm
from rnnkit.nn.text.chunks import bits, nats_per_character
from rnnkit.show import style

if TYPE_CHECKING:
    from rnnkit.cli.train import Run

# In the --out folder, beside MODEL.
TRAINING, ABOUT, FIGURE = "training.safetensors", "model.json", "loss.svg"


def say(*words: str) -> None:
    """Print at once, in the first process only."""
    if rank() == 0:
        line = " ".join(words)
        print(line.translate(showing(line, sys.stdout)), flush=True)


def describe(run: "Run", device: torch.device) -> None:
    """Say what is about to be trained, on what."""
    model, history = run.training.model, run.training.history
    parameters = sum(p.numel() for p in model.parameters())
    processes = f", {world_size()} processes" if world_size() > 1 else ""
    threads = torch.get_num_threads()
    say(f"device       {device}, CPU threads: {threads}{processes}")
    say(f"text         {run.data['characters']:,} characters, the last tenth held out")
    say(f"vocabulary   {len(run.vocabulary)} different characters")
    say(f"model        {model.config['cell']}, {parameters:,} parameters")
    if history.step:
        say(f"resumed      at step {history.step:,}, after {history.seconds:.0f} s")
    if run.training.progress() == 1:
        say("Nothing is left to train: a longer --minutes or --steps goes on.")


def save(run: "Run") -> None:
    """Write, after an evaluation, the best model so far and all that --resume needs."""
    tensors, history = run.training.state_dict()
    checkpoint.save(
        run.out / TRAINING, tensors, metadata(run, None) | {"history": history}
    )
    save_model(run, None)


def save_model(run: "Run", held_out: dict | None) -> None:
    """Write the best weights, and what is known of them; an older file is replaced at once.

    held_out: the losses on the held-out tenth, a dict, None before the end.
    """
    about = metadata(run, held_out)
    model, best = run.training.model, run.training.best
    save_charlm(run.out / MODEL, model, run.vocabulary, about, weights=best)
    text = json.dumps(about, indent=2, ensure_ascii=False) + "\n"
    checkpoint.write_atomically(
        run.out / ABOUT, lambda path: path.write_text(text, encoding="utf-8")
    )


def metadata(run: "Run", held_out: dict | None) -> dict:
    """Return what the files say about themselves: the text, settings, versions, results."""
    history = run.training.history
    return {
        "data": run.data,
        "settings": run.settings,
        "versions": {
            "rnnkit": rnnkit.__version__,
            "torch": torch.__version__,
            "python": platform.python_version(),
        },
        "results": {
            "steps": history.step,
            "seconds": history.seconds,
            "characters_per_second": run.characters_per_second(),
            "best_validation_nats": history.best_loss,
            "held_out_nats": held_out,
            "evaluations": history.points,
        },
    }


def draw(run: "Run") -> None:
    """Draw training and validation loss against the seconds of training."""
    style.use()
    points = run.training.history.points
    # White, not transparent: the file is also opened by viewers with a dark ground.
    figure = Figure(facecolor="white")
    ax = figure.subplots()
    for name, key, colour in (
        ("training", "train_loss", style.BLUE),
        ("validation", "val_loss", style.ORANGE),
    ):
        seconds, losses = [p["seconds"] for p in points], [p[key] for p in points]
        ax.plot(seconds, losses, "o-", markersize=3, color=colour, label=name)
    style.chance_line(ax, unigram_entropy(run.held_out), "unigram")
    ax.set(xlabel="seconds of training", ylabel="loss in nats per character")
    cell, hidden_size = run.settings["cell"], run.settings["hidden_size"]
    ax.set(xlim=(0, None), title=f"{cell}, {hidden_size} units per layer")
    ax.legend()
    checkpoint.write_atomically(
        run.out / FIGURE,
        lambda path: figure.savefig(path, format="svg", metadata={"Date": None}),
    )


def stopped(run: "Run", text: Path) -> None:
    """Say after Ctrl-C what is kept and how to go on."""
    history = run.training.history
    draw(run)
    say(f"Interrupted at step {history.step:,}, after {history.seconds:.0f} s.")
    say(
        f"The best weights so far are in {run.out / MODEL}: "
        f"validation loss {history.best_loss:.3f} nats ({bits(history.best_loss):.3f} bits)."
    )
    say(
        "Go on with:  rnnkit train",
        shlex.quote(str(text)),
        "--out",
        shlex.quote(str(run.out)),
        "--resume",
    )


def report(run: "Run") -> None:
    """Measure the best weights on the whole held-out tenth, as one stream; save and print it."""
    say("\nReading the held-out tenth as one stream ...")
    nats = nats_per_character(run.training.model, run.held_out)
    losses = levels(nats, run.held_out, len(run.vocabulary))
    save_model(run, losses)
    draw(run)
    say(headline(nats, len(run.held_out)))
    say(table(losses))
    history, speed = run.training.history, run.characters_per_second()
    say(f"\n{history.step:,} steps in {history.seconds:.0f} s, {speed:,} characters/s")
    say(f"files in {run.out}: {MODEL}, {ABOUT}, {FIGURE}, {TRAINING}")
    say("next:  rnnkit sample", shlex.quote(str(run.out)))
