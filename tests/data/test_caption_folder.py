"""Folders laid out as Flickr8k or Flickr30k is: every layout, damage reported, nothing read twice."""

import re

import numpy as np
import pytest
from PIL import Image

from rnnkit.data import caption_folder as cf

CAPTIONS = {"a.jpg": ["A dog, wet, runs .", "The dog's ball!"], "b.jpg": ["A cat"]}


LAYOUTS = {
    "table": ("captions.txt", "image,caption\n", "{0},{2}\n", "Images"),
    "numbered": (
        "captions.txt",
        "image_name,comment_number,comment\n",
        "{},{},{}\n",
        "Images",
    ),
    "bars": (
        "results.csv",
        "image_name| comment_number| comment\n",
        "{}| {}| {}\n",
        "flickr30k_images",
    ),
    "tokens": ("Flickr8k.token.txt", "", "{}#{}\t{}\n", "Flicker8k_Dataset"),
    "tokens 30k": ("results_20130124.token", "", "{}#{}\t{}\n", "flickr30k-images"),
}


@pytest.fixture(params=LAYOUTS)
def folder(request, tmp_path):
    """Two pictures, 40 x 20 with a red middle, and their captions."""
    file, header, row, place = LAYOUTS[request.param]
    images = tmp_path / place
    images.mkdir()
    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[:, 10:30] = 255, 0, 0
    for name in CAPTIONS:
        Image.fromarray(pixels).save(images / name, quality=95)
    pairs = [(n, i, c) for n in CAPTIONS for i, c in enumerate(CAPTIONS[n])]
    (tmp_path / file).write_text(
        header + "".join(row.format(*p) for p in pairs), encoding="utf-8"
    )
    return tmp_path


def captions_file(folder):
    return next(path for path in folder.iterdir() if path.is_file())


def image_file(folder, name):
    return next(folder.glob(f"*/{name}"))


def test_all_layouts_give_the_same_words(folder):
    data = cf.read_caption_folder(folder)
    assert len(data) == 2
    assert data.captions == {
        "a.jpg": [["a", "dog", "wet", "runs"], ["the", "dog's", "ball"]],
        "b.jpg": [["a", "cat"]],
    }


LAYOUT_ROWS = [
    ("image,caption\na.jpg,One, two , three\n", ["one", "two", "three"]),
    ('image,caption\na.jpg,"One, two"\n', ["one", "two"]),
    ('"image","caption"\r\na.jpg,One two\r\n', ["one", "two"]),
    ("image_name,comment_number,comment\na.jpg,0,One, two\n", ["one", "two"]),
    ("image_name| comment_number| comment\na.jpg| 0| A | b\n", ["a", "b"]),
    ("image_name|comment_number|comment\r\na.jpg|0|A b\r\n", ["a", "b"]),
    ("image_name| comment_number| comment\na.jpg| 4   A dog .\n", ["a", "dog"]),
    ("image_name| comment_number| comment\na.jpg| 4| 3 dogs\n", ["3", "dogs"]),
]


@pytest.mark.parametrize(("text", "words"), LAYOUT_ROWS)
@pytest.mark.parametrize("file", ["captions.txt", "results.csv"])
def test_rows_that_are_hard_to_take_apart(tmp_path, file, text, words):
    (tmp_path / file).write_text(text, newline="", encoding="utf-8")
    (tmp_path / "a.jpg").touch()
    data = cf.read_caption_folder(tmp_path)
    assert data.captions == {"a.jpg": [words]}
    assert data.paths == {"a.jpg": tmp_path / "a.jpg"}


@pytest.mark.parametrize("header", ["picture,words", "image|caption", ""])
def test_a_header_that_nobody_knows_is_shown(tmp_path, header):
    (tmp_path / "captions.txt").write_text(f"{header}\na.jpg,A dog\n", encoding="utf-8")
    message = re.escape(f"got {header!r}")
    with pytest.raises(
        ValueError, match=f"captions.txt: expected the header .*{message}"
    ):
        cf.read_caption_folder(tmp_path)


def test_images_are_the_middle_square(folder):
    data = cf.read_caption_folder(folder)
    batches = list(cf.iterate_images(data, list(data.paths), size=8, batch_size=1))
    assert [names for names, _ in batches] == [["a.jpg"], ["b.jpg"]]
    for _, images in batches:
        assert images.shape == (1, 8, 8, 3)
        assert images.dtype == np.uint8
        assert abs(images.astype(int) - [254, 0, 0]).max() < 60  # JPEG


def test_vocabulary_keeps_common_words_and_marks_the_rest(folder):
    data = cf.read_caption_folder(folder)
    captions = [c for some in data.captions.values() for c in some]
    vocabulary = cf.build_vocabulary(captions, min_count=2)
    assert vocabulary == [cf.UNKNOWN, "a"]
    assert cf.replace_rare(["a", "dog"], vocabulary) == ["a", cf.UNKNOWN]


def test_split_depends_on_the_name_alone():
    names = [f"{i}.jpg" for i in range(2000)]
    data = cf.CaptionFolder(dict.fromkeys(names), dict.fromkeys(names))
    train, test = cf.split_by_image(data, 0.1)
    assert sorted(train + test) == sorted(names)
    assert 150 < len(test) < 250
    half = cf.CaptionFolder(dict.fromkeys(names[:1000]), {})
    assert cf.split_by_image(half, 0.1)[1] == [a for a in test if a in names[:1000]]


def test_captions_without_a_picture_are_skipped_and_counted(folder):
    """As in the token file of Flickr8k, where a name ends in `.jpg.1`."""
    assert cf.read_caption_folder(folder).skipped == {}
    file = captions_file(folder)
    text = file.read_text(encoding="utf-8")
    last = text.splitlines(keepends=True)[-1]
    file.write_text(text + 2 * last.replace("b.jpg", "b.jpg.1"), encoding="utf-8")
    data = cf.read_caption_folder(folder)
    assert data.skipped == {"b.jpg.1": 2}
    assert list(data.paths) == list(data.captions) == ["a.jpg", "b.jpg"]
    image_file(folder, "b.jpg").unlink()
    file.write_text(text, encoding="utf-8")
    data = cf.read_caption_folder(folder)
    assert (len(data), data.skipped) == (1, {"b.jpg": 1})


def test_most_captions_without_a_picture_stop_it(folder):
    image_file(folder, "a.jpg").unlink()
    message = (
        r"captions: expected a picture for most, got 2 of 3 without.*'a\.jpg'.*Images"
    )
    with pytest.raises(ValueError, match=message):
        cf.read_caption_folder(folder)


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"no image"])
def test_a_damaged_image_is_named(folder, damage):
    path = image_file(folder, "b.jpg")
    path.write_bytes(damage(path.read_bytes()))
    data = cf.read_caption_folder(folder)
    with pytest.raises(ValueError, match=r"b\.jpg: expected a whole image, got"):
        cf.load_images([data.paths["b.jpg"]])


def test_missing_folder_missing_file_and_empty_captions(folder):
    with pytest.raises(ValueError, match="folder: expected an existing folder, got"):
        cf.read_caption_folder(folder / "nowhere")
    file = captions_file(folder)
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    header = lines[0] if len(lines) == 4 else ""
    file.write_text(header + lines[-1].replace("A cat", "..."), encoding="utf-8")
    with pytest.raises(ValueError, match="expected captions with words, got none"):
        cf.read_caption_folder(folder)
    file.unlink()
    with pytest.raises(
        ValueError, match=r"expected one of captions\.txt, Flickr8k\.tok"
    ):
        cf.read_caption_folder(folder)


def test_a_line_that_is_not_in_its_layout_is_named(folder):
    with captions_file(folder).open("a", encoding="utf-8") as file:
        file.write("no caption here\n")
    last = len(captions_file(folder).read_text(encoding="utf-8").splitlines())
    message = f"line {last}: expected .*got 'no caption here"
    with pytest.raises(ValueError, match=message):
        cf.read_caption_folder(folder)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: cf.load_images([], size=0), "size: expected at least 1, got 0"),
        (
            lambda: list(cf.iterate_images(None, [], batch_size=0)),
            "batch_size: expected at least 1, got 0",
        ),
        (lambda: cf.split_by_image(None, 2), "test_share: expected 0 to 1, got 2"),
        (lambda: cf.build_vocabulary([], 0), "min_count: expected at least 1, got 0"),
    ],
)
def test_bad_arguments(call, message):
    with pytest.raises(ValueError, match=message):
        call()
