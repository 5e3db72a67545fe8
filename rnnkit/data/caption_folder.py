"""Read a folder of photographs with captions, laid out as Flickr8k or Flickr30k is, for readers who own one.

Three layouts of the captions are known, one caption a line:

    commas    the header `image,caption` or `image_name,comment_number,comment`
    bars      the header `image_name| comment_number| comment`
    tokens    no header: `name.jpg#0`, a tab, a caption

A file `captions.txt` or `results.csv` has one of the headers; `Flickr8k.token.txt` and `results_20130124.token` hold
tokens. The images lie beside that file or in one of IMAGE_FOLDERS there.

The files that people share name a few pictures that nobody has: their captions are skipped and counted.
"""

import csv
import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

IMAGE_FOLDERS = (
    "Images",
    "images",
    "Flicker8k_Dataset",
    "Flickr8k_Dataset",
    "flickr30k_images",
    "flickr30k-images",
    ".",
)
UNKNOWN = "<UNK>"


@dataclass(frozen=True)
class CaptionFolder:
    """Where each image is, and what its captions say.

    paths: name -> Path. captions: name -> list of captions, each a list of words; the same names in the same order.
    skipped: name -> how many captions were left out because there is no such picture.
    """

    paths: dict
    captions: dict
    skipped: dict = field(default_factory=dict)

    def __len__(self):
        return len(self.paths)


def read_caption_folder(folder):
    """Read the captions and find the images; no picture is opened yet.

    folder: path of the folder that holds the captions file. Captions without a word are left out, and so are
        those whose picture is missing; `skipped` counts these.
    Returns CaptionFolder, sorted by name.
    Raises ValueError where the folder or the file is missing, a line is not in its layout, most captions have
    no picture, or no captions are left.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise ValueError(f"folder: expected an existing folder, got {folder}")
    captions = {}
    for name, caption in read_pairs(folder):
        words = tokenise(caption)
        if words:
            captions.setdefault(name, []).append(words)
    if not captions:
        raise ValueError(f"folder: expected captions with words, got none in {folder}")
    found = {name: find_image(folder, name) for name in sorted(captions)}
    paths = {name: path for name, path in found.items() if path}
    skipped = {name: len(captions[name]) for name in found if name not in paths}
    missing, total = sum(skipped.values()), sum(map(len, captions.values()))
    if missing > total / 2:
        raise ValueError(
            f"captions: expected a picture for most, got {missing} of {total} without one, the first for "
            f"{next(iter(skipped))!r}; looked in {folder} and its folders {', '.join(IMAGE_FOLDERS[:-1])}"
        )
    return CaptionFolder(paths, {name: captions[name] for name in paths}, skipped)


def read_pairs(folder):
    """Yield (image's name, caption) from whichever captions file there is."""
    for file, parse in CAPTION_FILES.items():
        if (folder / file).is_file():
            with (folder / file).open(encoding="utf-8-sig", newline="") as lines:
                yield from parse(lines, folder / file)
            return
    raise ValueError(
        f"folder: expected one of {', '.join(CAPTION_FILES)} in it, got {folder}"
    )


def parse_table(lines, path):
    """Lines of a file with a header, which tells the layout."""
    header = next(lines, "").strip("\r\n")
    bar = "|" in header
    columns = [cell.strip(' "') for cell in header.split("|" if bar else ",")]
    numbered = columns == ["image_name", "comment_number", "comment"]
    if not numbered and (bar or columns != ["image", "caption"]):
        raise ValueError(
            f"{path}: expected the header image,caption or image_name,comment_number,comment "
            f"(or with bars, image_name| comment_number| comment), got {header!r}"
        )
    yield from parse_bars(lines, path) if bar else parse_commas(lines, path, columns)


def parse_commas(lines, path, columns):
    """Lines with commas; a caption that has commas too may stand in quotation marks or not."""
    rows = csv.reader(lines)
    for row in rows:
        if 0 < len(row) < len(columns):
            raise ValueError(
                f"{path}, line {rows.line_num + 1}: expected {','.join(columns)}, "
                f"got {','.join(row)!r}"
            )
        if row:
            yield row[0].strip(), ",".join(row[len(columns) - 1 :])


def parse_bars(lines, path):
    """Lines with bars; the second bar may be missing, as it is on one line of the real file."""
    for number, line in enumerate(lines, start=2):
        match = re.fullmatch(r"([^|]+)\|\s*\d+(?:\s*\||\s)(.*)", line.strip("\r\n"))
        if match:
            yield match[1].strip(), match[2]
        elif line.strip():
            raise ValueError(
                f"{path}, line {number}: expected name| number| caption, got {line!r}"
            )


def parse_tokens(lines, path):
    """Lines of tokens, a file without a header."""
    for number, line in enumerate(lines, start=1):
        match = re.fullmatch(r"(.+)#\d+\t(.*)", line.strip("\r\n"))
        if match:
            yield match.groups()
        elif line.strip():
            raise ValueError(
                f"{path}, line {number}: expected name#number, a tab and a caption, got {line!r}"
            )


CAPTION_FILES = {
    "captions.txt": parse_table,
    "Flickr8k.token.txt": parse_tokens,
    "results.csv": parse_table,
    "results_20130124.token": parse_tokens,
}


def tokenise(caption):
    """Lower case, punctuation dropped: "A dog's ball." -> ["a", "dog's", "ball"]."""
    return re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", caption.lower())


def find_image(folder, name):
    """The path of an image that captions name, or None."""
    for place in IMAGE_FOLDERS:
        if (folder / place / name).is_file():
            return folder / place / name
    return None


def load_images(paths, size=64):
    """Load images as squares: the middle is cut out, then scaled.

    paths: list of Path, only as many as fit in memory. size: pixels per side.
    Returns (N, size, size, 3) uint8. Raises ValueError for a size below 1 and a file that is no whole image.
    """
    if size < 1:
        raise ValueError(f"size: expected at least 1, got {size}")
    images = np.empty((len(paths), size, size, 3), np.uint8)
    for image, path in zip(images, paths, strict=True):
        try:
            with Image.open(path) as file:
                image[:] = ImageOps.fit(file.convert("RGB"), (size, size))
        except (OSError, SyntaxError) as error:  # how Pillow reports damage
            raise ValueError(f"{path}: expected a whole image, got {error}") from None
    return images


def iterate_images(data, names, size=64, batch_size=256):
    """Yield (names, images) batch by batch, so that thousands of photographs need not be in memory at once.

    data: CaptionFolder. names: some of its names. Images are (at most batch_size, size, size, 3) uint8.
    Raises ValueError for a batch_size below 1, and what `load_images` raises.
    """
    if batch_size < 1:
        raise ValueError(f"batch_size: expected at least 1, got {batch_size}")
    for start in range(0, len(names), batch_size):
        some = names[start : start + batch_size]
        yield some, load_images([data.paths[name] for name in some], size)


def split_by_image(data, test_share=0.1):
    """Split the names so that all captions of an image are on one side.

    An image's side depends on its name alone: it stays where it is when images are added or taken away.

    data: CaptionFolder. test_share: about which share is for testing, 0 to 1.
    Returns two lists of names: for training, for testing. Raises ValueError for a share outside.
    """
    if not 0 <= test_share <= 1:
        raise ValueError(f"test_share: expected 0 to 1, got {test_share}")

    def is_test(name):
        digest = hashlib.sha256(name.encode()).digest()
        return int.from_bytes(digest[:4]) < test_share * 2**32

    names = list(data.paths)
    return [a for a in names if not is_test(a)], [a for a in names if is_test(a)]


def build_vocabulary(captions, min_count=5):
    """The words that come often enough, commonest first, after UNKNOWN, which stands for all others.

    captions: list of captions, each a list of words: those of the training images alone.
    min_count: how often a word must come, at least 1. Returns a list of str.
    Raises ValueError for a min_count below 1.
    """
    if min_count < 1:
        raise ValueError(f"min_count: expected at least 1, got {min_count}")
    counts = Counter(word for caption in captions for word in caption)
    often = [word for word, k in counts.items() if k >= min_count]
    return [UNKNOWN, *sorted(often, key=lambda word: (-counts[word], word))]


def replace_rare(caption, vocabulary):
    """Put UNKNOWN for every word of a caption that the vocabulary, any collection, does not hold."""
    return [word if word in vocabulary else UNKNOWN for word in caption]
