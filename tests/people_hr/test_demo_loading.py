"""The demo, where none is loaded yet."""

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from organizations.models import Organization
from people_hr.demo.loading import load_demo
from tests.factories import OrganizationFactory

pytestmark = pytest.mark.django_db


def test_only_what_is_missing_is_loaded():
    OrganizationFactory(slug="demo")

    assert load_demo() == ["Lindenhof Foundation (demo-two) with 4 people"]


def test_the_demo_is_refused_where_demo_mode_is_off(settings):
    settings.DEMO = False

    with pytest.raises(ImproperlyConfigured):
        load_demo()
    with pytest.raises(CommandError, match="PEOPLE_HR_DEMO=1"):
        call_command("load_demo")
    assert not Organization.objects.exists()
