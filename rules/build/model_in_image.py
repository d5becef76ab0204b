"""VL401 model-in-image."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from volint.api import (
    Confidence,
    Copy,
    Finding,
    Level,
    Option,
    Part,
    Persona,
    Project,
    Rule,
    Size,
    copies,
    knowledge,
)

_MB = 1_000_000
_STUB = 1000
"""Bytes below which a file is no model but stands for one: its real size is not known."""
_LEAST = 1 * _MB
"""Bytes from which names that mean little (`*.pkl`, `*.parquet`) mean a model or a data set."""
_SAMPLE = 10 * _MB
"""Bytes below which data sets beside other files are samples."""
_HEAVY = 50 * _MB
"""The same for names that mean next to nothing (`*.bin`), and for whole directories."""
_ALWAYS_DATA = frozenset(("models", "dataset", "datasets"))
_TESTS = frozenset(("test", "tests", "testdata", "test_data", "test-data", "fixtures", "__tests__"))


class _Models(NamedTuple):
    """What a COPY takes of models."""

    paths: tuple[str, ...]
    size: int
    certain: bool = True
    is_sample: bool = False
    """True for small data sets that a directory holds."""


class ModelInImage(Rule):
    """Model weights or a data set are copied into an image.

    ## What it does
    Reports COPY and ADD instructions that take model weights or data sets from the build context: by name
    (`COPY model.gguf /models/`), through a directory (`COPY models /app/models`) or with everything else
    (`COPY . .`), after the ignore file. Real sizes count where the files are there, those that Git LFS
    pointers name included.

    ## Why is this bad?
    Every build sends the file to the builder, every push and pull moves it, every host and registry keeps a
    copy for each version of the image, though the model hardly ever changes with the code. A volume is
    filled once and shared by all containers and versions.

    ## Example
    ```dockerfile bad
    FROM python:3.12-slim
    WORKDIR /app
    COPY app.py .
    COPY models /app/models
    ```

    ```dockerfile bad
    FROM python:3.12-slim
    COPY embedding.safetensors /models/
    ```

    ```dockerfile bad
    FROM python:3.12-slim
    WORKDIR /app
    COPY . .
    ```
    ```env bad and weights/llama.gguf
    weights
    ```

    Use instead:
    ```dockerfile good
    FROM python:3.12-slim
    WORKDIR /app
    COPY . .
    ENV MODEL_PATH=/app/weights/llama.gguf
    ```
    ```dockerignore good and .dockerignore
    weights
    ```
    ```env good and weights/llama.gguf
    weights
    ```
    ```compose good and compose.yaml
    services:
      app:
        build: .
        volumes:
          - models:/app/weights:ro
    volumes:
      models:
    ```

    ## Exceptions
    - Data sets (`*.parquet`, `*.tfrecord` ...) of less than 10 MB in a directory that is copied for other files, too: samples,
      which are a note for the pedantic persona.
    - What stays in a build stage: a file counts only if the stage is in the image, or if a stage of the image
      copies it on.
    - Names that also mean other things: `*.pkl`, `*.npy`, `*.parquet` count from 1 MB, `*.bin` from 50 MB;
      a directory `models`, `weights` or `data` that holds nothing but source code does not count.
    - Models in directories of tests, which are small.
    - What the ignore file or `--exclude` leaves out.

    ## Level
    Error from `error-size` on, where the real size is known. Note below 1 MB: such a model costs little.

    ## Options
    `error-size`: the size from which on it is an error, a bare number in megabytes (default `500MB`).

    ## References
    - docs.docker.com: "Volumes", "Build context"
    """

    code = "VL401"
    name = "model-in-image"
    level = Level.WARNING
    needs = (Part.BUILDS,)
    options = (
        Option(
            "error-size",
            Size,
            500 * _MB,
            "The size from which on a model in an image is an error.",
            minimum=1,
            unit="MB",
        ),
    )

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield the sources that take models."""
        for copy in copies(project):
            models = _taken(copy) if copy.files else _named(copy)
            if models is not None:
                yield self._found(copy, models)

    def _found(self, copy: Copy, models: _Models) -> Finding:
        limit = self.settings["error-size"]
        assert isinstance(limit, int)
        known = models.size >= _STUB
        level = None
        if models.size >= limit:
            level = Level.ERROR
        elif known and models.size < _LEAST:
            level = Level.NOTE
        what = f"'{models.paths[0]}'"
        if len(models.paths) > 1:
            what = f"{what} and {len(models.paths) - 1} more"
        if known:
            what = f"{what} ({_shown(models.size)})"
        written = copy.word.value
        if models.paths[0] == written.strip("./") or models.paths[0] == written:
            message = f"{what} is copied into the image: models and data sets belong in a volume"
        else:
            message = f"'{written}' copies {what} into the image"
        # In a folder that is only taken for the context other files may lie.
        certain = models.certain and (copy.build.root_certain or not copy.is_broad)
        directory = models.paths[0].rpartition("/")[0] or models.paths[0]
        where = copy.build.ignore_path or ".dockerignore"
        return self.finding(
            copy.word.span,
            message,
            help=f"leave it out with '{directory}' in '{where}', and mount it from a volume",
            level=Level.NOTE if models.is_sample else level,
            persona=Persona.PEDANTIC if models.is_sample else None,
            confidence=None if certain else Confidence.MEDIUM,
            target=copy.step.words[-1].value,
            source=written,
        )


def _taken(copy: Copy) -> _Models | None:
    """Return the models among the files that a source takes."""
    paths: list[str] = []
    size = 0
    sample = True
    for file in copy.files:
        if file.is_directory or file.is_link:
            continue
        model = knowledge.model_file(file.path)
        if model is None:
            continue
        named = file.path == copy.path
        if model.confidence == "low":
            directory = knowledge.model_directory(file.path.rpartition("/")[0])
            counts = file.size >= (_LEAST if directory else _HEAVY)
        elif _TESTS.intersection(file.path.lower().split("/")[:-1]):
            counts = file.size >= _HEAVY
        elif model.confidence == "medium":
            counts = file.size >= _LEAST or (named and file.size < _STUB)
        else:
            counts = True
        if counts and copy.kept(file.path):
            paths.append(file.path)
            size += file.size
            sample = sample and model.family == "data" and not named
    if paths:
        return _Models(tuple(paths), size, is_sample=sample and _STUB <= size < _SAMPLE)
    return _heavy_directory(copy)


def _heavy_directory(copy: Copy) -> _Models | None:
    """Return the directory that a source names like models, if it is as heavy as they are."""
    confidence = knowledge.model_directory(copy.path) if copy.path else None
    if confidence is None or copy.is_pattern:
        return None
    size = sum(file.size for file in copy.files)
    if size < (_LEAST if confidence == "high" else _HEAVY) or not copy.kept(copy.files[0].path):
        return None
    return _Models((copy.path,), size)


def _named(copy: Copy) -> _Models | None:
    """Return what a source names that is not there, if the name says models."""
    path = copy.path.removesuffix("/*")
    unseen = copy.build.files is None or copy.is_missing or copy.is_pattern
    if not copy.certain or copy.is_broad or not unseen or not copy.kept():
        return None
    model = knowledge.model_file(path)
    if model is not None and model.confidence != "low":
        return _Models((path,), 0, certain=model.confidence == "high")
    name = path.rpartition("/")[2].lower()
    confidence = knowledge.model_directory(path)
    if confidence is None or (confidence == "low" and name not in _ALWAYS_DATA):
        return None
    return _Models((path,), 0, certain=False)


def _shown(size: int) -> str:
    for unit, name in ((1000 * _MB, "GB"), (_MB, "MB"), (1000, "kB")):
        if size >= unit:
            return f"{size / unit:.1f} {name}"
    return f"{size} bytes"
