"""A benchmark table as Markdown, short enough for a pull request: details are folded away."""

from reports.benchmark_cells import LIMITED_BELOW
from reports.benchmark_tables import Table
from reports.benchmark_verdicts import MEANING
from reports.quantities import brief, latency, percent, ratio, shown
from reports.renderers.markdown import environment


def render(table: Table) -> str:
    """Render *table* as Markdown that ends with a newline."""
    made = environment()
    made.filters.update(shown=shown, percent=percent, brief=brief)
    return made.get_template("benchmarks.md.jinja").render(
        table=table, meaning=MEANING, limit=LIMITED_BELOW, ratio=ratio, latency=latency
    )
