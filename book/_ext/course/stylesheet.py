"""One stylesheet for the site, made of all that themes and extensions ask for, less the rules no page can use.

A page cannot be painted before its stylesheets are there, so there is one, `_static/site.css`. A foreign rule stays
if every class, id and element in its selector is written in some built page or in a string of some script that a page
loads; whatever the test does not understand stays too. The course's own styles are not thinned.
"""

import hashlib
import posixpath
import re
from html.parser import HTMLParser
from pathlib import Path

import tinycss2

from .head_line import TARGET

NAME = "site.css"
# What the theme's template would link by itself, before all others.
FIRST = ("basic.css", "styles/bootstrap.css", "styles/pydata-sphinx-theme.css")
OWN = ("_static/course.css", "_explorables/css/explorables.css")
SOURCES = ("book/_static/course.css", "rnnkit/show/web/css/explorables.css")
REPLACED = ("_static/pygments.css",)  # course.css colours code
EXPLORABLES = "_explorables"
NESTED = ("media", "supports", "layer", "container")
MET = ("charset", "import")  # at-rules that are done with once the files are one
WORDS = re.compile(r"""["'`]([\w\s-]+)["'`]""")
DECLARED = re.compile(r"(?<![\w-])(--[\w-]+)\s*:[^;{}]*;?")
READ = re.compile(r"var\(\s*(--[\w-]+)")


class Page(HTMLParser):
    """What selectors may name in the pages that were fed to it, and the scripts that these load."""

    def __init__(self):
        super().__init__()
        self.elements, self.names, self.scripts = set(), set(), set()

    def handle_starttag(self, tag, attributes):
        self.elements.add(tag)
        for name, value in attributes:
            if name in ("class", "id") and value:
                self.names.update(value.split())
            elif tag == "script" and name in ("src", "data-late"):
                files = value.partition("?")[0].split()
                self.scripts.update(map(posixpath.basename, files))


def scan(folder):
    """The elements, and the classes and ids, that the pages of a built site have or may be given by scripts."""
    page = Page()
    for path in sorted(folder.rglob("*.html")):
        # What is to be taken home, as slides, has styles of its own.
        if not {"_static", TARGET} & set(path.relative_to(folder).parts):
            page.feed(path.read_text(encoding="utf-8"))
    words = set()
    for path in folder.rglob("*.js"):
        if EXPLORABLES in path.relative_to(folder).parts or path.name in (
            page.scripts - {"searchindex.js"}
        ):
            for text in WORDS.findall(path.read_text(encoding="utf-8")):
                words.update(text.split())
    return page.elements | words, page.names | words


def split(prelude):
    """The tokens of a rule's selectors, one list for each."""
    found = [[]]
    for token in prelude:
        if token == ",":
            found.append([])
        else:
            found[-1].append(token)
    return found


def can_match(selector, elements, names):
    """Whether a page may have everything that a selector, a list of tokens, names outside brackets."""
    before = None
    for token in selector:
        is_name = token.type == "hash" or (token.type == "ident" and before == ".")
        is_element = token.type == "ident" and before not in (".", ":")
        if (is_name and token.value not in names) or (
            is_element and token.lower_value not in elements
        ):
            return False
        before = token.value if token.type == "literal" else None
    return True


def thinned(rules, elements, names):
    """CSS of the rules that a page with these elements and names may use."""
    css = []
    for rule in rules:
        if rule.type == "qualified-rule":
            kept = [s for s in split(rule.prelude) if can_match(s, elements, names)]
            head, body = ",".join(map(text, kept)), rule.content
            if kept:
                css.append(f"{head}{{{text(body)}}}")
        elif rule.type != "at-rule":
            css.append(rule.serialize())  # what is broken stays as it is
        elif rule.lower_at_keyword in NESTED and rule.content:
            inner = thinned(parse(rule.content), elements, names)
            if inner:
                css.append(f"@{rule.lower_at_keyword} {text(rule.prelude)}{{{inner}}}")
        elif rule.lower_at_keyword not in MET:
            css.append(rule.serialize())
    return "\n".join(css)


def text(tokens):
    return tinycss2.serialize(tokens).strip()


def parse(css):
    """The rules of a text, or of the tokens inside an at-rule."""
    parser = (
        tinycss2.parse_stylesheet if isinstance(css, str) else tinycss2.parse_rule_list
    )
    return parser(css, skip_comments=True, skip_whitespace=True)


def without_unread(css, others):
    """Leave out variables that nothing reads, then those that only these had read, and so on."""
    while True:
        read = {*READ.findall(css), *READ.findall(others)}
        fewer = DECLARED.sub(lambda d, read=read: d[0] if d[1] in read else "", css)
        if fewer == css:
            return css
        css = fewer


def rebased(css, name):
    """The CSS of a file in _static with its relative addresses counted from _static."""
    folder = posixpath.dirname(name)
    return (
        re.sub(r"url\((?![\"']?(?:data:|/|\w+:))", f"url({folder}/", css)
        if folder
        else css
    )


class Stylesheet:
    """Notes which stylesheets the pages of one build ask for, gives them one instead, and writes that one.

    In every build this process writes the first page, search page and index: they ask for whatever other pages ask for.
    """

    def __init__(self):
        self.asked = dict.fromkeys(f"_static/{name}" for name in FIRST)

    def take_over(self, app, pagename, templatename, context, doctree):
        files = [str(getattr(css, "filename", css)) for css in context["css_files"]]
        self.asked.update(dict.fromkeys(files))
        context["css_files"] = []
        # With a mark, so that no browser pairs old styles with a new page.
        context["site_css"] = f"{NAME}?v={app.config.course_styles[:8]}"

    def write(self, app, error):
        if error or app.builder.format != "html":
            return
        folder = Path(app.outdir)
        foreign = "\n".join(
            rebased(
                (folder / name).read_text(encoding="utf-8"),
                name.removeprefix("_static/"),
            )
            for name in self.asked
            if name not in OWN + REPLACED
        )
        own = "\n".join((folder / name).read_text(encoding="utf-8") for name in OWN)
        css = without_unread(thinned(parse(foreign), *scan(folder)), own)
        (folder / "_static" / NAME).write_text(f"{css}\n{own}", encoding="utf-8")


def own_styles(app, config):
    """A mark of the course's own styles: where it changes, Sphinx writes every page anew."""
    styles = (Path(app.srcdir, source).read_bytes() for source in SOURCES)
    config.course_styles = hashlib.sha256(b"".join(styles)).hexdigest()


def outdated(app, env, added, changed, removed):
    """The first page is, always: where no page is, Sphinx asks for no stylesheet and copies no file."""
    return [env.config.root_doc]


def setup(app):
    stylesheet = Stylesheet()
    app.add_config_value("course_styles", "", "html")
    app.connect("config-inited", own_styles)
    app.connect("env-get-outdated", outdated)
    app.connect("html-page-context", stylesheet.take_over, priority=950)
    # After all that puts files into the built site.
    app.connect("build-finished", stylesheet.write, priority=950)
