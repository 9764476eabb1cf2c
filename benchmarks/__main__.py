"""`python -m benchmarks`: prints a table of ratios, each of two things that took turns in this run."""

from functools import partial
from pathlib import Path

import click

from benchmarks.measures import building, questions, starting
from benchmarks.rebuilding import rebuilding
from benchmarks.scale import scale
from benchmarks.texts import Texts

ALL = {"building": building, "questions": questions, "starting": starting, "rebuilding": rebuilding}


@click.command()
@click.argument("folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--sentences", default=100_000, show_default=True, help="How many are searched.")
@click.option("--only", multiple=True, type=click.Choice([*ALL, "scale"]), help="Measure just this.")
@click.option("--sizes", default="50000,500000", show_default=True, help="Of `scale`: sentences, by commas.")
@click.option("--index-url", default="", help="Of `scale`: a PostgreSQL that is measured beside files.")
def main(folder: Path | None, sentences: int, only: tuple[str, ...], sizes: str, index_url: str) -> None:
    """Measure on the articles.jsonl and questions.jsonl of FOLDER, or else on the bundled article."""
    texts = Texts.of(folder)
    measures = ALL | {"scale": partial(scale, sizes=[*map(int, sizes.split(","))], url=index_url)}
    click.echo("| measured | ratio | wanted | in detail |\n|---|---|---|---|")
    for name in only or ALL:
        for row in measures[name](texts, sentences):
            click.echo(f"| {row.what} | {row.ratio:.3g} | {row.wanted} | {row.detail} |")


if __name__ == "__main__":
    main()
