"""What the vectors of all texts of a language have in common: made once, and shipped as a model's profile.

python -m evaluation.means OUT SENTENCES LANGUAGE=FOLDER…

SENTENCES is a folder of files `CODE.txt`, a sentence a line; each FOLDER is a judged set in that language.
The shipped profile was made of 120 sentences from web pages in each of 66 languages (test data of the package
lingua, from the Wortschatz corpora of Leipzig University) and of 13 judged sets in a language each.
"""

from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import get_args

import click
import numpy as np
from safetensors.numpy import save_file

from corpus.article import Article
from evaluation.judged import JudgedSet
from index.encoding.codes import Vectors
from index.encoding.embed import Model
from index.encoding.models import DEFAULT_MODEL, MODELS
from index.encoding.profile import Role, profile_of
from index.language.passages import passages

SENTENCES = 120  # of each language
LENGTHS = range(31, 300)  # characters of a sentence
TOGETHER = 32

Means = Mapping[str, Mapping[Role, Vectors]]
"""The mean vector of the texts in each role, by language."""


def of_sentences(model: Model, folder: Path) -> dict[str, dict[Role, Vectors]]:
    """The means of the sentences in each file of a folder, read in both roles."""
    found: dict[str, dict[Role, Vectors]] = {}
    for file in sorted(folder.glob("*.txt")):
        lines = (line.strip() for line in file.read_text(encoding="utf-8").splitlines())
        some = list(islice((line for line in lines if len(line) in LENGTHS), SENTENCES))
        found[file.stem] = {role: _mean(model, some, role) for role in get_args(Role)}
    return found


def of_sets(model: Model, sets: Mapping[str, JudgedSet]) -> dict[str, dict[Role, Vectors]]:
    """The means of the passages and of the questions of judged sets, by language."""
    found: dict[str, dict[Role, Vectors]] = {}
    for language, judged in sets.items():
        articles = [Article(row["id"], str(row.get("title", "")), row["text"]) for row in judged.articles]
        texts = [a.text[p.start : p.end] for a in articles for p in passages(a, language)]
        asked = [question.text for question in judged.questions]
        found[language] = {"document": _mean(model, texts, "document"), "query": _mean(model, asked, "query")}
    return found


def profile(sentences: Means, sets: Means) -> tuple[Vectors, dict[str, dict[Role, Vectors]]]:
    """The centre, and by how much each language differs from it in each role.

    The centre is the mean passage, every language alike. A question differs from it as the questions of the
    sets do, and as the sentences of its language do from those of all; without these, as its own set does.
    """
    centre = _centre(sets, "document")
    asked = _centre(sets, "query") - centre
    all_sentences: dict[Role, Vectors] = {role: _centre(sentences, role) for role in get_args(Role)}
    differing = {
        language: {
            "document": means["document"] - all_sentences["document"],
            "query": means["query"] - all_sentences["query"] + asked,
        }
        for language, means in sentences.items()
    }
    own = {
        language: {role: mean - centre for role, mean in means.items()} for language, means in sets.items()
    }
    return centre, {**own, **differing}  # type: ignore[dict-item]


def _centre(means: Means, role: Role) -> Vectors:
    centre: Vectors = np.mean([each[role] for each in means.values()], axis=0)
    return centre


def _mean(model: Model, texts: Sequence[str], role: Role) -> Vectors:
    """The mean of the texts, each of which is the mean of its tokens."""
    parts = (texts[first : first + TOGETHER] for first in range(0, len(texts), TOGETHER))
    mean: Vectors = np.mean(
        [each.mean(axis=0) for some in parts for each in model.tokens(some, role)], axis=0
    )
    return mean


@click.command()
@click.argument("out", type=click.Path(dir_okay=False, path_type=Path))
@click.argument("sentences", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.argument("sets", nargs=-1)
@click.option("--models", type=click.Path(path_type=Path), default=MODELS, help="Where models are unpacked.")
def main(out: Path, sentences: Path, sets: Sequence[str], models: Path) -> None:
    """Write the profile of the default model to OUT."""
    model = Model(models=models)
    judged = {
        code: JudgedSet.read(Path(folder)) for code, _, folder in (each.partition("=") for each in sets)
    }
    centre, means = profile(of_sentences(model, sentences), of_sets(model, judged))
    known = profile_of(DEFAULT_MODEL).centre  # which the model gives no more
    tensors = {role: np.stack([means[code][role] for code in sorted(means)]) for role in get_args(Role)}
    halves = {role: table.astype(np.float16) for role, table in tensors.items()}
    whole = centre if known is None else centre + known
    save_file({"centre": whole, **halves}, out, metadata={"languages": " ".join(sorted(means))})


if __name__ == "__main__":
    main()
