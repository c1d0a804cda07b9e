"""What the ``type`` of a problem document leads to: a page for whoever reads logs."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from people_hr.problem_catalogue import PROBLEM_KINDS


def problems(request: HttpRequest) -> HttpResponse:
    """List every kind of problem."""
    kinds = [(kind, _set(kind.meaning)) for kind in PROBLEM_KINDS.values()]
    return render(request, "problems/all.html", {"kinds": kinds})


def problem(request: HttpRequest, code: str) -> HttpResponse:
    """Explain one kind of problem; 404 for a code that there is not."""
    kind = PROBLEM_KINDS.get(code)
    if kind is None:
        raise Http404
    shown = {
        "kind": kind,
        "meaning": _set(kind.meaning),
        "remedy": _set(kind.remedy),
    }
    return render(request, "problems/one.html", shown)


def _set(text: str) -> SafeString:
    """Return a text as HTML, with what stands in backticks as code."""
    parts = enumerate(_(text).split("`"))
    return format_html_join(
        "",
        "{}",
        (
            (format_html("<code>{}</code>", part) if place % 2 else part,)
            for place, part in parts
        ),
    )
