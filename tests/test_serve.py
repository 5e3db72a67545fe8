"""What `make serve` hands to Sphinx."""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tools")]

import serve  # noqa: E402


def test_every_path_of_the_configuration_leads_somewhere(tmp_path):
    serve.sphinx_config(tmp_path)
    conf = {}
    exec((tmp_path / "conf.py").read_text(encoding="utf-8"), conf)
    paths = [
        *conf["html_static_path"],
        *conf["bibtex_bibfiles"],
        conf["html_favicon"],
        # counted from the sources, which are given by themselves
        ROOT / conf["external_toc_path"],
    ]
    assert [path for path in paths if not (tmp_path / path).exists()] == []
    named = [line for line in conf if str(conf[line]).startswith("book/")]
    assert named == []
    assert not (ROOT / "conf.py").exists()
