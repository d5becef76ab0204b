"""Env files: those that set a project's variables, and those that set a service's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from volint.assemble.compose.report import Report
    from volint.assemble.compose.request import Loaded, Reader
    from volint.source import Source, Span

__all__ = ["EnvReader", "read_env_files", "variables_of"]


class EnvReader:
    def __init__(self, reader: Reader, report: Report, symbolic: bool) -> None:
        self.reader = reader
        self.report = report
        self.symbolic = symbolic
        self.variables: dict[str, str] = {}

    def project(self, file: str, env: dict[str, str], span: Span) -> Source | None:
        source = self.reader.read(file)
        if source is None:
            self.report.refuse("VL004", "missing env", span)
            return None
        for line in source.text.split("\n"):
            if "=" in line:
                k, _, v = line.partition("=")
                self.variables[k.strip()] = v.strip()
        return source


def read_env_files(loaded: Loaded, reader: Reader, report: Report) -> None:
    pass


def variables_of(source: Source) -> dict[str, str]:
    return {
        k.strip(): v.strip() for k, e, v in (l.partition("=") for l in source.text.split("\n")) if e
    }
