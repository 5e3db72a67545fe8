"""Serve the site and rebuild it when a file changes; the browser reloads by itself.

python tools/serve.py --port 8000
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CONFIG = ROOT / "_build" / "serve"


def sphinx_config(folder=CONFIG):
    """Translate _config.yml into the conf.py that sphinx-autobuild wants, in a folder outside the source tree."""
    folder.mkdir(parents=True, exist_ok=True)
    jupyter_book = str(Path(sys.executable).with_name("jupyter-book"))
    subprocess.run(
        [jupyter_book, "config", "sphinx", str(ROOT)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    written = ROOT / "conf.py"
    conf = written.read_text(encoding="utf-8")
    written.unlink()
    # Sphinx counts these paths from the folder of conf.py, not from the sources.
    conf = conf.replace("'book/", f"'{ROOT.as_posix()}/book/")
    (folder / "conf.py").write_text(conf, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, default=8000)
    port = parser.parse_args().port
    sphinx_config()
    command = [
        sys.executable,
        "-m",
        "sphinx_autobuild",
        "--port",
        str(port),
        "-c",
        str(CONFIG),
    ]
    for ignored in (".venv", ".git", "_build", "tests", ".*"):
        command += ["--ignore", str(ROOT / ignored) + "/*"]
    command += [str(ROOT), str(ROOT / "_build" / "serve" / "html")]
    try:
        # The generated conf.py names the local extension, but not where it lives.
        environment = os.environ | {"PYTHONPATH": str(ROOT / "book" / "_ext")}
        sys.exit(subprocess.run(command, cwd=ROOT, env=environment).returncode)
    except KeyboardInterrupt:
        print("Stopped serving.")


if __name__ == "__main__":
    main()
