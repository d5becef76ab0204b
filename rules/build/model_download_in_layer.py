"""VL402 model-download-in-layer."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Finding,
    Label,
    Level,
    ModelDownload,
    Part,
    Persona,
    Project,
    Rule,
    Span,
    downloaded_models,
)


class ModelDownloadInLayer(Rule):
    """A Dockerfile downloads a model or a data set into a layer of the image.

    ## What it does
    Reports RUN and ADD instructions that fetch models or data sets while the image is built: the command lines of
    model hubs, `wget` and `curl` of model files, Python that loads a model so that it is there, `spacy download`,
    `nltk.downloader`, `ollama pull` and the like. ARG defaults and ENV are put in first. One finding for each
    instruction.

    ## Why is this bad?
    The weights are in the layer for good: every push and pull moves them, every host keeps them once for each
    version of the image, and a change above the line fetches gigabytes again. A volume is filled once and shared
    by all containers and versions.

    ## Example
    ```dockerfile bad
    FROM python:3.12-slim
    RUN pip install huggingface_hub && hf download Qwen/Qwen2.5-7B --local-dir /models
    ```
    ```dockerfile bad
    FROM python:3.12-slim
    ARG MODEL_URL=https://models.example.com/llama.gguf
    ADD $MODEL_URL /models/
    ```
    ```dockerfile bad
    FROM python:3.12-slim
    RUN pip install transformers
    RUN python - <<EOF
    from transformers import AutoModel
    AutoModel.from_pretrained("bert-base-uncased")
    EOF
    ```

    Use instead:
    ```dockerfile good
    FROM python:3.12-slim
    RUN pip install huggingface_hub
    ENV HF_HOME=/models
    CMD ["sh", "-c", "hf download Qwen/Qwen2.5-7B && exec python serve.py"]
    ```
    ```compose good and compose.yaml
    services:
      app:
        build: .
        volumes:
          - models:/models
    volumes:
      models:
    ```

    ## Exceptions
    - Downloads into a cache mount or a tmpfs mount of the RUN (`--mount=type=cache,target=/root/.cache/huggingface`).
      Caches of package managers do not count.
    - What an instruction only writes down for later: a script in a here-document of `cat` or COPY, an `echo`.
    - What stays in a build stage: a download counts only if its stage is in the image, or if a stage of the image
      copies it on.
    - Settings, vocabularies and installers fetched from model hubs, which are small.
    - `git lfs pull` in a repository whose name does not speak of models.
    - Names that depend on a variable whose value is not known.

    ## Level
    Warning. A note for the pedantic persona where the image may well bring it along: what is small (`.tflite` files, data of
    nltk but `all` and `popular`, spacy's pipelines `_sm` and `_md`), and what the image's own variables name, which its
    program reads again (`ENV MODELS=/models`, and a command that downloads to `$MODELS`): such an image is made to work
    without a network. `HF_HOME` and other variables of the tools say nothing of that kind.

    ## References
    - docs.docker.com: "Volumes", "Optimize cache usage in builds"
    """

    code = "VL402"
    name = "model-download-in-layer"
    level = Level.WARNING
    needs = (Part.BUILDS,)

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each instruction, at the first thing it downloads."""
        seen: set[Span] = set()
        for build in project.builds:
            steps: dict[Span, list[ModelDownload]] = {}
            for download in downloaded_models(build):
                steps.setdefault(download.step.span, []).append(download)
            for first, *others in steps.values():
                if first.span in seen:
                    continue
                seen.add(first.span)
                home = next((one.home for one in (first, *others) if one.home), "")
                place = f" at '{home}'" if home else ""
                meant = all(one.why_kept for one in (first, *others))
                yield self.finding(
                    first.span,
                    f"'{first.shown}' puts a model or data set into a layer of the image",
                    *(Label(other.span, "and this one") for other in others),
                    help=f"fetch it when the container starts, into a volume{place}",
                    level=Level.NOTE if meant else None,
                    persona=Persona.PEDANTIC if meant else None,
                    source=first.shown,
                )
