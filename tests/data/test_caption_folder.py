"""Folders laid out as Flickr8k is: both layouts, damage reported, nothing read twice."""

import numpy as np
import pytest
from PIL import Image

from rnnkit.data import caption_folder as cf

CAPTIONS = {"a.jpg": ["A dog, wet, runs .", "The dog's ball!"], "b.jpg": ["A cat"]}


@pytest.fixture(params=["table", "tokens"])
def folder(request, tmp_path):
    """Two pictures, 40 x 20 with a red middle, and their captions."""
    images = tmp_path / ("Images" if request.param == "table" else "Flicker8k_Dataset")
    images.mkdir()
    pixels = np.zeros((20, 40, 3), np.uint8)
    pixels[:, 10:30] = 255, 0, 0
    for name in CAPTIONS:
        Image.fromarray(pixels).save(images / name, quality=95)
    if request.param == "table":
        lines = [f"{name},{c}" for name in CAPTIONS for c in CAPTIONS[name]]
        lines[0] = 'a.jpg,"A dog, wet, runs ."'
        text = "image,caption\n" + "\n".join(lines) + "\n"
        (tmp_path / "captions.txt").write_text(text)
    else:
        pairs = [(n, i, c) for n in CAPTIONS for i, c in enumerate(CAPTIONS[n])]
        text = "".join(f"{n}#{i}\t{c}\n" for n, i, c in pairs)
        (tmp_path / "Flickr8k.token.txt").write_text(text)
    return tmp_path


def captions_file(folder):
    return next(folder.glob("*.txt"))


def image_file(folder, name):
    return next(folder.glob(f"*/{name}"))


def test_both_layouts_give_the_same_words(folder):
    data = cf.read_caption_folder(folder)
    assert len(data) == 2
    assert data.captions == {
        "a.jpg": [["a", "dog", "wet", "runs"], ["the", "dog's", "ball"]],
        "b.jpg": [["a", "cat"]],
    }


def test_a_table_with_commas_outside_quotation_marks(folder):
    if captions_file(folder).name == "captions.txt":
        captions_file(folder).write_text("image,caption\na.jpg,One, two , three\n")
        words = cf.read_caption_folder(folder).captions["a.jpg"]
        assert words == [["one", "two", "three"]]


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


def test_a_caption_without_an_image_is_named(folder):
    image_file(folder, "b.jpg").unlink()
    with pytest.raises(ValueError, match=r"captions: expected an image.*'b\.jpg'"):
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
    first = "image,caption\n" if file.name == "captions.txt" else ""
    row = "a.jpg, ...\n" if first else "a.jpg#0\t .\n"
    file.write_text(first + row)
    with pytest.raises(ValueError, match="expected captions with words, got none"):
        cf.read_caption_folder(folder)
    file.unlink()
    with pytest.raises(ValueError, match=r"expected captions\.txt or Flickr8k\.token"):
        cf.read_caption_folder(folder)


def test_a_line_that_is_not_in_its_layout_is_named(folder):
    with captions_file(folder).open("a") as file:
        file.write("no caption here\n")
    with pytest.raises(ValueError, match=r"line [45]: expected .*got 'no caption here"):
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
