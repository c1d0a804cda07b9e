"""A correction is written by its services alone; every other way is refused."""

import pytest

from attendance.models import Correction
from organizations.events import UndecidedChange
from tests.factories.attendance import CorrectionFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(employee):
    return CorrectionFactory(employee=employee)


def save(asked):
    asked.status, asked.decided_at = "approved", asked.created_at
    asked.save()


def save_what_is_no_decision(asked):
    asked.reason = "Another"
    asked.save()


def save_another_one(asked):
    Correction.objects.create(
        organization=asked.organization,
        employee=asked.employee,
        on=asked.on.replace(day=3),
        reason="Another",
    )


def update(asked):
    Correction.objects.filter(pk=asked.pk).update(status="withdrawn")


def update_of_a_person(asked):
    asked.employee.corrections.update(status="withdrawn")


def bulk_update(asked):
    asked.status = "withdrawn"
    Correction.objects.bulk_update([asked], ["status"])


def delete(asked):
    asked.delete()


def delete_many(asked):
    Correction.objects.all().delete()


@pytest.mark.parametrize(
    "write",
    [
        save,
        save_what_is_no_decision,
        save_another_one,
        update,
        update_of_a_person,
        bulk_update,
        delete,
        delete_many,
    ],
)
def test_no_correction_is_written_but_by_a_decision(asked, told, write):
    told.clear()

    with pytest.raises(UndecidedChange, match=r"attendance\.Correction: It changes by"):
        write(asked)

    (kept,) = Correction.objects.all()
    assert (kept.status, kept.reason, kept.version) == ("pending", "Forgot", 1)
    assert told == []
