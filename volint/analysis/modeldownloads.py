"""Models and data sets that RUN and ADD instructions download into the layers of an image.

What a command writes into a cache mount, what an instruction only writes down for later (a script made by a
here-document or `echo`), and what stays in a build stage is left out.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from volint import knowledge
from volint.analysis.copies import final_stages, is_kept
from volint.analysis.runwrites import Places, simple_commands
from volint.assemble.copysources import SourceKind, copy_destination, copy_sources
from volint.lazy import regex
from volint.model import MountKind, StepKind
from volint.parse.gopath import path_clean
from volint.record import NamedTuple
from volint.source import Span, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from volint.knowledge.patterns import Download
    from volint.model import Build, Step

__all__ = ["ModelDownload", "downloaded_models"]


class ModelDownload(NamedTuple):
    """A command or source that fetches a model or a data set into a layer."""

    step: Step
    """The instruction."""
    span: Span
    """The token that says so, on one line."""
    shown: str
    """What to call it: the file's name, or the words of the command; never an address's query or user."""
    home: str
    """The directory that its tool puts them in; '' where that is not known."""
    why_kept: str = ""
    """Why the image may well bring it along, as a clause; '' if nothing says so."""


_FETCHERS = frozenset(("model-file", "model-hub"))
_HOMES = {
    "hf-cli": ".cache/huggingface",
    "hf-hub": ".cache/huggingface",
    "from-pretrained": ".cache/huggingface",
    "sentence-transformers": ".cache/huggingface",
    "whisper": ".cache",
    "torch-hub": ".cache/torch",
    "ollama": ".ollama",
    "nltk": "nltk_data",
    "modelscope": ".cache/modelscope",
    "docling": ".cache/docling",
    "ocr": ".EasyOCR",
}
_HOME_VARIABLES = {
    "hf-cli": ("HF_HUB_CACHE", "HF_HOME"),
    "hf-hub": ("HF_HUB_CACHE", "HF_HOME"),
    "from-pretrained": ("TRANSFORMERS_CACHE", "HF_HUB_CACHE", "HF_HOME"),
    "sentence-transformers": ("SENTENCE_TRANSFORMERS_HOME", "HF_HUB_CACHE", "HF_HOME"),
    "torch-hub": ("TORCH_HOME",),
    "ollama": ("OLLAMA_MODELS",),
    "nltk": ("NLTK_DATA",),
}
_DESTINATION = regex(
    r"(?:--(?:output-document|output|local-dir|cache-dir|local_dir|cache_dir|directory-prefix|dir)(?:=|\s+)"
    r"|\b(?:download_dir|local_dir|cache_dir|output_path|download_root)\s*=\s*"
    r"|\s-[A-Za-z]*[OoPd]\s*)[\"']?([~$/\w.][^\s\"'),;&|]*)"
)
_TO_STDOUT = regex(r"\s(?:-[A-Za-z]*O\s*-|--output-document[= ]-)(?=\s|$)")
_ADDRESS = regex(r"[a-z]+://[^\s\"'|;<>)]+")
_SMALL = regex(
    r"\.(?:json|jsonl|txt|md|py|ya?ml|toml|sh|whl|deb|rpm|cfg|ini|vocab|lock|html?|asc|gpg|sig|sha256)$",
    re.I,
)
"""Ends of addresses at model hubs that are no weights."""
_MODEL_REPOSITORY = regex(
    r"huggingface\.co|hf\.co|modelscope|[/_-](?:models?|weights|datasets?|checkpoints?)\b", re.I
)
_RUNS = regex(
    r"^\s*<<|(?:^|[\s;&|/])(?:(?:ba|da|z|k|a)?sh|python[\d.]*|pypy3?|ipython)(?:\s+-\S*)*\s*<<"
)
"""A here-document that is run as it stands."""
_WRITES_DOWN = frozenset(
    ("echo", "printf", "cat", "sed", "grep", "test", "[", "[[", "export", "alias")
)
_PACKAGES = regex(
    r"(?:^|/)(?:pip|apt|uv|conda|pkgs|npm|\.npm|yarn|pnpm|poetry|pypoetry|ccache|sccache|cargo|registry|go-build"
    r"|mod|dnf|yum|apk|\.m2|\.gradle|bazel|nuget|bundle|composer|lists|dpkg)(?:/|$)"
)
"""Cache mounts of package managers and compilers, which models do not go to."""
_ALL_OF_IT = regex(
    r"nltk\.download(?:er)?\b[\s('\"]*(?:-\S+\s+\S+\s+)*(?:all|popular|book)\b|nltk\.download\(\)"
)
_SMALL_PIPELINE = regex(r"\bspacy\s+download\s+(?:-\S+\s+)*(?:[a-z]{2}|\w+_(?:sm|md))(?:[\s\"']|$)")
_OF_TOOLS = frozenset(
    (
        *("PATH", "HOME", "HF_HOME", "HF_HUB_CACHE", "HF_TOKEN", "HF_ENDPOINT", "TORCH_HOME"),
        *("TRANSFORMERS_CACHE", "OLLAMA_MODELS", "NLTK_DATA", "VIRTUAL_ENV"),
    )
)
"""Variables that tools read, and that say nothing about the program of the image."""
_VARIABLE_READ = regex(r"\$\{?(\w+)|environ(?:\.get\(|\[)\s*[\"'](\w+)|getenv\(\s*[\"'](\w+)")
_VARIABLE = regex(r"\$(?:\{(\w+)\}|(\w+))")


def downloaded_models(build: Build) -> list[ModelDownload]:
    """Return what the stages of a build's image download, in order."""
    found: dict[Span, ModelDownload] = {}
    final = final_stages(build)
    for index, stage in enumerate(build.stages):
        if build.reachable and index not in build.reachable:
            continue
        for step in stage.steps:
            if step.kind is StepKind.RUN:
                some = _of_run(build, index, step, index in final)
            elif step.kind is StepKind.ADD and len(step.words) > 1:
                some = _of_add(build, index, step)
            else:
                continue
            for one in some:
                found.setdefault(one.span, one)
    return list(found.values())


def _of_add(build: Build, index: int, step: Step) -> Iterator[ModelDownload]:
    for source in copy_sources(step):
        if source.kind not in (SourceKind.URL, SourceKind.GIT):
            continue
        address = source.text.value
        text = f"curl {address}"
        for download in knowledge.model_downloads(text):
            name = _file_name(address)
            target = copy_destination(step)
            if target.endswith("/"):
                target += name
            if _is_model(text, download) and is_kept(build, index, target):
                yield ModelDownload(step, source.text.span, name, "", _size(download, name, ""))
                break


def _of_run(build: Build, index: int, step: Step, final: bool) -> Iterator[ModelDownload]:
    caches = [
        mount.target.value
        for mount in step.mounts
        if mount.kind in (MountKind.VOLUME, MountKind.TMPFS)
    ]
    own: frozenset[str] | None = None
    for script, commands in _scripts(step):
        expanded = _Expanded(script, step)
        places = Places(script)
        for download in knowledge.model_downloads(expanded.text):
            if not _is_model(expanded.text, download):
                continue
            start, end = expanded.written(download.start), expanded.written(download.end, end=True)
            command = (0, len(script.value))
            if commands is not None:
                around = [one for one in commands if one[0] <= start < one[1]]
                if not around:
                    continue
                command = around[-1][:2]
                program = around[-1][2].rpartition("/")[2]
                if program in _WRITES_DOWN or program.startswith("#"):
                    continue
            whole = expanded.between(*command)
            target = _destination(whole, download, step)
            if _in_cache(target, caches) or not _stays(build, index, final, target):
                continue
            span, shown = _place(expanded, places, download, start, end)
            home = "" if download.name in _FETCHERS else target or ""
            why = _size(download, shown, whole)
            if not why and own is None:
                own = _own_variables(build, index, step)
            if not why and own and own.intersection(_names(script.value[slice(*command)])):
                why = "the image's own variables say which or where"
            yield ModelDownload(step, span, shown, home, why)


# -- texts that are run


def _scripts(step: Step) -> Iterator[tuple[Text, list[tuple[int, int, str]] | None]]:
    """Yield the scripts of a RUN, each with the places of its commands and what they start.

    None stands for the commands of a text that no shell reads.
    """
    from volint.parse.shellsyntax import parse

    if step.json_form:
        for word in step.words:
            yield word, None
        return
    for word in step.words:
        yield word, _commands(parse(word.value)[0], word.value)
        if _RUNS.search(word.value):
            for body in step.heredocs:
                yield body, None


def _commands(tree: object, text: str) -> list[tuple[int, int, str]]:
    found = []
    for command in simple_commands(tree):  # type: ignore[arg-type]
        words = [text[start:end] for start, end in command.words]
        while words and re.match(r"\w+=", words[0]):
            words.pop(0)
        if command.words:
            end = max([command.words[-1][1], *(item.end for item in command.redirects)])
            found.append((command.words[0][0], end, words[0] if words else ""))
    return found


class _Expanded:
    """A script with the variables whose values are known put in."""

    def __init__(self, script: Text, step: Step) -> None:
        parts = []
        self._pieces: list[tuple[int, int, int, int]] = []
        at = length = 0
        for match in _VARIABLE.finditer(script.value):
            value = step.environment.get(match[1] or match[2])
            if value is None:
                continue
            parts += [script.value[at : match.start()], value]
            begin = length + match.start() - at
            length = begin + len(value)
            at = match.end()
            self._pieces.append((begin, length, match.start(), match.end()))
        self.text = "".join([*parts, script.value[at:]])

    def written(self, offset: int, *, end: bool = False) -> int:
        """Return where in the script an offset of the text stands; in a value, where its variable begins or ends."""
        shift = 0
        for begin, stop, start, after in self._pieces:
            if offset <= begin and (end or offset < begin):
                break
            if offset < stop or (end and offset == stop):
                return after if end else start
            shift = after - stop
        return offset + shift

    def between(self, first: int, last: int) -> str:
        """Return the text of a stretch of the script."""
        return self.text[self._expanded(first) : self._expanded(last)]

    def _expanded(self, offset: int) -> int:
        shift = 0
        for begin, end, start, stop in self._pieces:
            if offset < stop:
                return begin if offset > start else offset + shift
            shift = end - stop
        return offset + shift


# -- what an image brings along on purpose


def _size(download: Download, shown: str, command: str) -> str:
    """Return that what is fetched is small, '' where it is not known to be."""
    small = (
        (download.name == "model-file" and shown.lower().endswith(".tflite"))
        or (download.name == "nltk" and not _ALL_OF_IT.search(command))
        or (download.name == "spacy" and _SMALL_PIPELINE.search(command) is not None)
    )
    return "it is small" if small else ""


def _own_variables(build: Build, index: int, step: Step) -> frozenset[str]:
    """Return the variables that ENV instructions before a step leave to the programs of the image."""
    names: set[str] = set()
    stage = build.stages[index]
    while True:
        for other in stage.steps:
            if other is step:
                break
            if other.kind is StepKind.ENV:
                names.update(name.value for name, _ in other.pairs)
        if stage.base_index is None:
            break
        stage = build.stages[stage.base_index]
    return frozenset(names - _OF_TOOLS)


def _names(command: str) -> Iterator[str]:
    """Yield the variables that a command uses, as a shell or Python reads them."""
    for match in _VARIABLE_READ.finditer(command):
        yield match[1] or match[2] or match[3]


# -- what they say


def _is_model(text: str, download: Download) -> bool:
    found = text[download.start : download.end]
    if download.name == "model-file":
        # '.pt' is also a country, '.pb' the beginning of '.pb.go'.
        return text[download.end : download.end + 1] not in ("/", ".", "-", "_", ":", "@")
    if download.name == "git-lfs":
        # Repositories of source code keep all kinds of large files there.
        return _MODEL_REPOSITORY.search(text) is not None
    if download.name == "model-hub":
        addresses = _ADDRESS.findall(found)
        return not addresses or not _SMALL.search(re.split(r"[?#]", addresses[-1])[0])
    return True


def _place(
    expanded: _Expanded, places: Places, download: Download, start: int, end: int
) -> tuple[Span, str]:
    found = expanded.text[download.start : download.end]
    if download.name in _FETCHERS:
        token = found.split()[-1]
        last = download.end - (len(found) - found.rindex(token) - len(token))
        first = last - len(token)
        lead = len(token) - len(token.lstrip("\"'"))
        start, end = expanded.written(first + lead), expanded.written(last, end=True)
        shown = _file_name(token)
    else:
        shown = " ".join(found.split()).rstrip("( ")
    span = places.span(start, end)
    text = span.text().rstrip("\"'\\ \t")
    line = text.partition("\n")[0].rstrip("\\ \t\r")
    return Span(span.source, span.start, span.start + len(line)), shown


def _file_name(address: str) -> str:
    path = re.split(r"[?#]", address.strip("\"'"))[0].rstrip("/")
    return path.rpartition("/")[2]


def _destination(command: str, download: Download, step: Step) -> str | None:
    """Return the absolute path that a command writes to; None where it does not say."""
    match = _DESTINATION.search(command)
    if match is not None and not _TO_STDOUT.search(command):
        path = match[1]
        if path.startswith("~"):
            path = _user_home(step) + path[1:]
        if "$" in path:
            return None
        return path_clean(path if path.startswith("/") else f"{step.workdir}/{path}")
    home = _home(download.name, step)
    return home or None


def _home(name: str, step: Step) -> str:
    for variable in _HOME_VARIABLES.get(name, ()):
        if step.environment.get(variable, "").startswith("/"):
            return step.environment[variable]
    return f"{_user_home(step)}/{_HOMES[name]}" if name in _HOMES else ""


def _user_home(step: Step) -> str:
    user = step.user.partition(":")[0]
    return "/root" if user in ("", "root", "0") else f"/home/{user}"


def _in_cache(target: str | None, caches: list[str]) -> bool:
    if target is not None and any(knowledge.within(target, cache) for cache in caches):
        return True
    return any(not _PACKAGES.search(cache) and not _is_elsewhere(target, cache) for cache in caches)


def _is_elsewhere(target: str | None, cache: str) -> bool:
    """Return whether a command says that it writes to another place than a cache, its own home aside."""
    return target is not None and "/." not in target and not knowledge.within(target, cache)


def _stays(build: Build, index: int, final: bool, target: str | None) -> bool:
    if final:
        return True
    if target is not None:
        return is_kept(build, index, target)
    for other in build.stages:
        for step in other.steps:
            if step.from_index == index and any(
                _may_hold(f"{source.root}/{source.pattern}") for source in copy_sources(step)
            ):
                return True
    return False


_HOLDERS = regex(
    r"model|weight|checkpoint|cache|site-packages|venv|nltk|spacy|(?:^/?|/)(?:usr/local|data)?/?$"
)


def _may_hold(path: str) -> bool:
    return _HOLDERS.search(path.lower()) is not None
