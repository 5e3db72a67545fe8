"""The plays: speeches and nothing else."""

import pytest

from rnnkit.data import shakespeare

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
