"""The public holidays of countries, as the package ``holidays`` knows them."""

import datetime as dt
from typing import Any

import holidays
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from leave.calendar import Holiday, Portion

LANGUAGE = "en_US"


def public_holidays(
    country: str, subdivision: str, year: int
) -> dict[dt.date, Holiday]:
    """Return the holidays of a year by day; half holidays are afternoons off.

    ``country`` is ISO 3166-1, ``subdivision`` the second part of ISO 3166-2 or empty.

    Raises:
        ValidationError: for a country or subdivision that the package does not know.
    """
    try:
        kinds = holidays.country_holidays(country).supported_categories
        found = {
            day: Holiday(name, portion)
            for kind, portion in (
                (holidays.HALF_DAY, Portion.AFTERNOON),
                (holidays.PUBLIC, Portion.FULL),  # last: a full holiday is no half
            )
            if kind in kinds
            for day, name in _of_kind(country, subdivision, year, kind).items()
        }
    except NotImplementedError as error:
        raise ValidationError(
            _("No public holidays are known for %(place)s.")
            % {"place": "-".join(part for part in (country, subdivision) if part)},
            code="unknown_place",
        ) from error
    return dict(sorted(found.items()))


def _of_kind(country: str, subdivision: str, year: int, kind: str) -> Any:
    return holidays.country_holidays(
        country,
        subdiv=subdivision or None,
        years=year,
        categories=(kind,),
        language=LANGUAGE,
    )
