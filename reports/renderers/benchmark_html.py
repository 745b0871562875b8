"""A benchmark table as one HTML page that needs nothing else: its plots are part of it."""

from markupsafe import Markup

from reports import benchmark_pictures
from reports.benchmark_cells import LIMITED_BELOW, Panel
from reports.benchmark_tables import Table
from reports.benchmark_verdicts import MEANING, Verdict, claims_difference, direction
from reports.quantities import brief, latency, percent, ratio, shown
from reports.renderers.html import environment


def render(table: Table) -> str:
    """Render *table* as one self-contained HTML page."""
    made = environment()
    made.filters.update(shown=shown, percent=percent, brief=brief, look=look, control_look=control_look)
    return made.get_template("benchmarks.html.jinja").render(
        table=table, meaning=MEANING, limit=LIMITED_BELOW, pictures=_pictures, ratio=ratio, latency=latency
    )


def look(verdict: Verdict) -> str:
    """Return the classes that colour *verdict*; what is slight looks so."""
    return direction(verdict) + (" slight" if verdict.startswith("slightly") else "")


def control_look(verdict: Verdict) -> str:
    """Return the classes that colour *verdict* of a control, of which any difference is a bad sign."""
    return "fired" if claims_difference(verdict) else look(verdict)


def _pictures(panel: Panel) -> dict[str, Markup]:
    """Draw what *panel* has to show, by what the picture shows; the plots have escaped their texts."""
    found = {
        "ratio": benchmark_pictures.forest_of(panel),
        "latency": benchmark_pictures.latencies_of(panel),
        "growth": benchmark_pictures.growth_of(panel),
    }
    return {name: Markup(picture) for name, picture in found.items() if picture}  # noqa: S704
