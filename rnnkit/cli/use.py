"""`rnnkit sample` and `rnnkit eval`: what a trained model is for; and what all commands share."""

import argparse
import codecs
import math
import sys
from collections.abc import Iterator
from pathlib import Path

import torch

from rnnkit.cli.options import SAMPLE_TEMPERATURE
from rnnkit.cli.output import lacking, showing
from rnnkit.nn.text.char_lm import CharLM, load_charlm
from rnnkit.nn.text.chunks import bits, nats_per_character
from rnnkit.nn.text.decoding import beam_search, generate
from rnnkit.nn.text.vocabulary import Vocabulary

MODEL = "model.safetensors"  # in the --out folder
# How a text may begin that says its encoding, and the names that agree. UTF-32 LE begins as UTF-16 LE does.
BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: ("utf-8", "utf-8-sig"),
    codecs.BOM_UTF32_LE: ("utf-32", "utf-32-le"),
    codecs.BOM_UTF32_BE: ("utf-32", "utf-32-be"),
    codecs.BOM_UTF16_LE: ("utf-16", "utf-16-le"),
    codecs.BOM_UTF16_BE: ("utf-16", "utf-16-be"),
}


def sample(options: argparse.Namespace) -> int:
    """Carry out `rnnkit sample`; returns the exit code."""
    check_decoding(options)
    model, vocabulary, _ = load_model(options.model)
    tokens = vocabulary.encode(context(options.prefix, vocabulary), name="--prefix")
    generator = torch.Generator()
    if options.seed is None:
        generator.seed()
    else:
        generator.manual_seed(options.seed)
    if missing := lacking(vocabulary.characters, sys.stdout):
        print(f"rnnkit: {missing}", file=sys.stderr)
    shown = showing(vocabulary.characters, sys.stdout)
    for i in range(options.count):
        if options.count > 1:
            print(f"--- {i + 1} of {options.count} ---")
        print(options.prefix.translate(shown), end="", flush=True)
        for token in write_on(model, tokens, generator, options):
            character = vocabulary.characters[token]
            print(character.translate(shown), end="", flush=True)
        print(flush=True)
    return 0


def context(prefix: str, vocabulary: Vocabulary) -> str:
    """Return the prefix with the newline before it that makes it the start of a line.

    It is not printed. Training carries the state from chunk to chunk, so the model hardly knows the zero
    state that it begins with here, and what it says about a first character is worth little.
    """
    if "\n" in vocabulary.characters and not prefix.startswith("\n"):
        return "\n" + prefix
    return prefix or vocabulary.characters[0]


def check_decoding(options: argparse.Namespace) -> None:
    """Raise ValueError when options are given that --greedy or --beam would ignore."""
    certain = "--greedy" if options.greedy else "--beam" if options.beam else None
    drawing = {
        "--temperature": options.temperature,
        "--top-k": options.top_k,
        "--top-p": options.top_p,
        "--seed": options.seed,
        "--count": options.count if options.count > 1 else None,
    }
    for name, value in drawing.items():
        if certain and value is not None:
            raise ValueError(
                f"{certain}: draws nothing, expected no {name}, got {value}"
            )


def write_on(
    model: CharLM,
    prefix: torch.Tensor,
    generator: torch.Generator,
    options: argparse.Namespace,
) -> Iterator[int]:
    """Yield the numbers of the characters that follow a prefix, (P,), as the options ask."""
    if options.beam:
        best, _ = beam_search(model, prefix, options.length, width=options.beam)
        yield from best.tolist()
        return
    for token in generate(
        model,
        prefix[None],
        options.length,
        generator,
        greedy=options.greedy,
        temperature=options.temperature or SAMPLE_TEMPERATURE,
        top_k=options.top_k,
        top_p=options.top_p,
    ):
        yield token.item()


def evaluate(options: argparse.Namespace) -> int:
    """Carry out `rnnkit eval`; returns the exit code."""
    device = choose_device(options.device, options.threads)
    model, vocabulary, _ = load_model(options.model)
    text, dropped = read_text(options.text, options.encoding), 0
    if options.drop_unknown:
        alphabet = set(vocabulary.characters)
        known = "".join(c for c in text if c in alphabet)
        text, dropped = known, len(text) - len(known)
    try:
        tokens = vocabulary.encode(text, name=options.text)
    except ValueError as error:
        raise ValueError(f"{error}; --drop-unknown leaves them out") from error
    if len(tokens) < 2:
        raise ValueError(
            f"{options.text}: expected at least 2 characters, got {len(tokens)}"
        )
    nats = nats_per_character(model.to(device), tokens.to(device))
    print(headline(nats, len(text)))
    if options.drop_unknown:
        print(f"{dropped:,} characters outside the vocabulary were dropped")
    print(table(levels(nats, tokens, len(vocabulary))))
    return 0


def headline(nats: float, characters: int) -> str:
    """Return the result in one line, which programs may read too."""
    return (
        f"{nats:.3f} nats per character ({bits(nats):.3f} bits), "
        f"{characters:,} characters"
    )


def levels(nats: float, tokens: torch.Tensor, vocab_size: int) -> dict[str, float]:
    """Return the loss beside those of two predictors without memory, in nats per character.

    nats: the model's loss on the text; tokens: the text, integers, (N,).
    Returns a dict: model; unigram, the entropy of the text's own character frequencies, which no
    predictor that ignores the context can beat; uniform, ln V.
    """
    return {
        "model": nats,
        "unigram": unigram_entropy(tokens),
        "uniform": math.log(vocab_size),
    }


def unigram_entropy(tokens: torch.Tensor) -> float:
    """Return the entropy in nats of the frequencies of a text's own characters, (N,)."""
    p = torch.bincount(tokens.cpu()).double() / len(tokens)
    return -torch.special.xlogy(p, p).sum().item()


def table(losses: dict[str, float]) -> str:
    """Return losses in nats as a table: nats, bits, perplexity, a line for each."""
    lines = [f"{'':<10}{'nats':>8}{'bits':>8}{'perplexity':>12}"]
    lines += [
        f"{name:<10}{nats:>8.3f}{bits(nats):>8.3f}{math.exp(nats):>12.2f}"
        for name, nats in losses.items()
    ]
    return "\n".join(lines)


def load_model(path: Path) -> tuple[CharLM, Vocabulary, dict]:
    """Return the CharLM, the Vocabulary and the metadata in a folder, or in a file itself."""
    return load_charlm(path / MODEL if path.is_dir() else path)


def read_text(path: Path, encoding: str = "utf-8") -> str:
    """Return a file's text, with "\\n" at the end of every line and without a byte order mark.

    Raises ValueError when the file cannot be read, is empty, or is no text in that encoding.
    """
    return decode(read_bytes(path), encoding, path)


def read_bytes(path: Path) -> bytes:
    """Return what is in a file; raise ValueError when it cannot be read."""
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}") from error


def decode(content: bytes, encoding: str, path: Path) -> str:
    """Return the text that a file's bytes stand for, as `read_text` does.

    encoding: as codecs.lookup names it; path: how the error names the text.
    """
    expected = f"{path}: expected {encoding.upper()} text"
    marks = [mark for mark in BYTE_ORDER_MARKS if content.startswith(mark)]
    names = BYTE_ORDER_MARKS[marks[0]] if marks else (encoding,)
    if encoding not in names:
        raise ValueError(
            f"{expected}, got {names[0].upper()} by its first bytes; "
            f"--encoding {names[0]} reads it"
        )
    try:
        text = content.decode(encoding)
        text.encode("utf-8")  # half a pair of surrogates is no character
    except UnicodeDecodeError as error:
        raise ValueError(
            f"{expected}, got the byte 0x{content[error.start]:02x} at position "
            f"{error.start}; --encoding NAME reads another, such as cp1252"
        ) from error
    except UnicodeError as error:
        raise ValueError(f"{expected}, got something else ({error})") from error
    if "\0" in text:
        raise ValueError(
            f"{expected}, got NUL characters: a binary file, or another encoding, "
            "such as --encoding utf-16-le"
        )
    text = text.removeprefix("\ufeff")
    if not text:
        raise ValueError(f"{path}: expected text, got an empty file")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def choose_device(name: str, threads: int | None = None) -> torch.device:
    """Return the torch.device of that name, "auto" for the best there is; set the CPU's threads.

    Raises ValueError when this torch or this machine does not have it.
    """
    if threads is not None:
        torch.set_num_threads(threads)
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
        name = "mps" if name == "cpu" and torch.backends.mps.is_available() else name
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError):
        device = None
    if device is None or device.type not in ("cpu", "cuda", "mps"):
        raise ValueError(
            f"--device: expected auto, or cpu, cuda or mps where present, got {name!r}"
        )
    return device
