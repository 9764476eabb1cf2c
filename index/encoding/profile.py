"""What is known of a model beside its files: which languages it reads, and its mean vector in each."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Literal, get_args

import numpy as np

from index.encoding.codes import Vectors

Role = Literal["query", "document"]

FOLDER = Path(__file__).with_name("profiles")
# Families of models that read English alone, under whatever name a server gives them.
ENGLISH = re.compile(r"all-|multi-qa-|msmarco-|.*-en\b")
# What this family was trained to see before a text; sentence-transformers adds it, a server does not.
E5 = re.compile(r"(?:.*-)?e5-")
E5_PROMPTS: dict[Role, str] = {"query": "query: ", "document": "passage: "}


@dataclass(frozen=True)
class Profile:
    """What is known of a model; of most, nothing.

    `centre` is the mean vector of tokens in all languages, and `means` is by how much that of one language
    differs from it; both are taken out, since what all texts have in common says nothing of any.
    """

    languages: frozenset[str] | None = None
    centre: Vectors | None = None
    means: Mapping[tuple[Role, str], Vectors] = field(default_factory=dict)
    prompts: Mapping[Role, str] = field(default_factory=dict)

    def prompt(self, role: Role) -> str:
        """What a server wants before a text in that role."""
        return self.prompts.get(role, "")

    def reads(self, language: str) -> bool:
        """Whether the model reads a language; where nothing is known of the model, it is trusted to."""
        return self.languages is None or language in self.languages

    def centred(self, vector: Vectors, role: Role, language: str) -> Vectors:
        """`vector` without what all texts of the language have in common, as far as that is known."""
        mean = self.means.get((role, language))
        return vector if mean is None else vector - mean


@cache
def profile_of(name: str) -> Profile:
    """What is known of the model of this name, wherever it is."""
    short = name.rsplit("/", 1)[-1]
    prompts = E5_PROMPTS if E5.match(short) else {}
    if ENGLISH.match(short):
        return Profile(frozenset({"en"}))
    file = FOLDER / f"{short}.safetensors"
    return _read(file, prompts) if file.is_file() else Profile(prompts=prompts)


def _read(file: Path, prompts: Mapping[Role, str]) -> Profile:
    from safetensors import safe_open

    with safe_open(file, "numpy") as tensors:
        languages = tensors.metadata()["languages"].split()
        means = {
            (role, code): row.astype(np.float32)
            for role in get_args(Role)
            for code, row in zip(languages, tensors.get_tensor(role), strict=True)
        }
        return Profile(frozenset(languages), tensors.get_tensor("centre"), means, prompts)
