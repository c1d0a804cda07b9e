"""Which limits hold: settings, an organization's rules, and how far those may go."""

from io import StringIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from integrations.rate_limits import limiter, policies, rules
from integrations.rate_limits.models import Allowance, LimitRule
from integrations.rate_limits.policies import layers_after, layers_before, route_of
from integrations.rate_limits.rules import Rate
from integrations.rate_limits.services import delete_rule, save_rule, set_allowance
from organizations.access import Credential, CredentialKind, OrganizationAccess
from organizations.roles import Role
from tests.factories import MembershipFactory, OrganizationFactory

pytestmark = pytest.mark.django_db

LIST = "api:employee-list"


@pytest.fixture
def access() -> OrganizationAccess:
    return access_of_key(MembershipFactory(), "tHt7I8cdpZ3I")


def access_of_key(membership: Any, key_id: str) -> OrganizationAccess:
    return OrganizationAccess.of(membership, Credential(CredentialKind.API_KEY, key_id))


def rule(organization: Any, commit: Any, **fields: Any) -> LimitRule:
    made = LimitRule(organization=organization, **{"target": "key", **fields})
    made.full_clean()
    with commit(execute=True):
        return save_rule(made)


def told(access: OrganizationAccess, route: str = LIST) -> dict[str, Rate]:
    layers = layers_after(access, f"{route} read")
    return {
        layer.policy.name: Rate(layer.policy.quota, layer.policy.window_seconds)
        for layer in layers
    }


def test_without_rules_the_settings_hold(access):
    assert told(access) == {
        "key": (1000, 3600),
        "key-burst": (600, 60),
        "organization": (20_000, 3600),
    }
    subjects = {layer.subject for layer in layers_after(access, f"{LIST} read")}
    assert subjects == {
        "key:tHt7I8cdpZ3I",
        f"organization:{access.organization.pk}",
    }


def test_before_authentication_only_the_address_counts():
    layers = layers_before("2001:db8::1")

    assert [(layer.policy.name, layer.subject) for layer in layers] == [
        ("global", "all"),
        ("address", "address:2001:db8::/64"),
        ("bad-keys", "address:2001:db8::/64"),
    ]
    assert [layer.is_counted for layer in layers] == [True, True, False]
    assert len(layers_before("2001:db8::1", shows_credential=False)) == 2


def test_people_are_counted_apart_in_each_organization():
    user = MembershipFactory().user
    memberships = [*user.memberships.all(), MembershipFactory(user=user)]

    subjects = {
        layers_after(OrganizationAccess.of(m), f"{LIST} read")[0].subject
        for m in memberships
    }

    assert len(subjects) == 2


def test_the_most_particular_rule_holds(access, django_capture_on_commit_callbacks):
    commit, its = django_capture_on_commit_callbacks, access.organization
    other_key = OrganizationAccess.of(
        access.user.memberships.get(), Credential(CredentialKind.API_KEY, "other")
    )
    rule(its, commit, quota=500)
    rule(its, commit, quota=50, window_seconds=60, credential="tHt7I8cdpZ3I")
    rule(its, commit, target="endpoint", route=LIST, quota=90)
    rule(its, commit, target="endpoint", route=LIST, methods="write", quota=9)

    assert told(access)["key"] == (50, 60)
    assert told(other_key)["key"] == (500, 3600)
    assert told(access)["endpoint"] == (90, 3600)
    written = layers_after(access, route_of(LIST, "POST"))
    assert [x.policy.quota for x in written if x.policy.name == "endpoint"] == [9]
    assert "endpoint" not in told(access, "api:department-list")


def test_a_quota_given_with_the_key_holds_within_the_allowance(
    access, django_capture_on_commit_callbacks
):
    rule(access.organization, django_capture_on_commit_callbacks, quota=500)
    membership = access.user.memberships.get()
    rates = [
        told(
            OrganizationAccess.of(
                membership,
                Credential(CredentialKind.API_KEY, "k", hourly_quota=given),
            )
        )["key"]
        for given in (None, 40, 900_000)
    ]

    assert rates == [(500, 3600), (40, 3600), (20_000, 3600)]


def test_reading_and_writing_share_a_rule_for_all_requests(
    access, django_capture_on_commit_callbacks
):
    rule(
        access.organization,
        django_capture_on_commit_callbacks,
        target="endpoint",
        route=LIST,
        quota=90,
    )

    subjects = {
        layer.subject
        for method in ("GET", "POST")
        for layer in layers_after(access, route_of(LIST, method))
        if layer.policy.name == "endpoint"
    }

    assert len(subjects) == 1


def test_another_organizations_rules_are_not_ours(
    access, django_capture_on_commit_callbacks
):
    rule(OrganizationFactory(), django_capture_on_commit_callbacks, quota=1)

    assert told(access)["key"] == (1000, 3600)


def test_a_rule_above_the_allowance_is_refused(
    access, django_capture_on_commit_callbacks
):
    with pytest.raises(ValidationError) as refused:
        rule(access.organization, django_capture_on_commit_callbacks, quota=20_001)

    assert refused.value.code == "above_allowance"
    assert "20000 requests in an hour" in refused.value.messages[0]


def test_an_allowance_that_shrinks_takes_its_rules_along(
    access, django_capture_on_commit_callbacks
):
    its = access.organization
    with django_capture_on_commit_callbacks(execute=True):
        set_allowance(its, "key", Rate(100_000, 3600))
    rule(its, django_capture_on_commit_callbacks, quota=60_000)
    assert told(access)["key"] == (60_000, 3600)
    assert told(access)["key-burst"] == (2000, 60)

    with django_capture_on_commit_callbacks(execute=True):
        set_allowance(its, "key", Rate(40, 60))

    assert told(access)["key"] == (2400, 3600)


def test_the_largest_rule_has_a_burst_that_can_be_counted(
    access, django_capture_on_commit_callbacks
):
    its = access.organization
    with django_capture_on_commit_callbacks(execute=True):
        set_allowance(its, "key", Rate(1_000_000, 60))
    rule(its, django_capture_on_commit_callbacks, quota=1_000_000, window_seconds=60)

    assert told(access)["key"] == (1_000_000, 60)
    assert told(access)["key-burst"] == (1_000_000, 60)


def test_what_an_organization_is_allowed_holds_at_once_for_the_whole(
    access, django_capture_on_commit_callbacks
):
    out = StringIO()
    with django_capture_on_commit_callbacks(execute=True):
        call_command(
            "allow_limit",
            f"--organization={access.organization.slug}",
            "--target=organization",
            "--most=50000/hour",
            stdout=out,
        )

    assert told(access)["organization"] == (50_000, 3600)
    assert "50000 requests in an hour" in out.getvalue()


def test_allowing_names_what_is_wrong():
    with pytest.raises(CommandError, match="no organization nobody"):
        call_command(
            "allow_limit", "--organization=nobody", "--target=key", "--most=5/hour"
        )
    with pytest.raises(CommandError, match="5000/hour"):
        call_command("allow_limit", "--organization=nobody", "--target=key", "--most=5")
    with pytest.raises(CommandError, match="greater than or equal to 1"):
        call_command(
            "allow_limit",
            f"--organization={OrganizationFactory().slug}",
            "--target=key",
            "--most=0/hour",
        )


def test_a_rule_taken_back_holds_no_longer(access, django_capture_on_commit_callbacks):
    made = rule(access.organization, django_capture_on_commit_callbacks, quota=5)
    assert told(access)["key"] == (5, 3600)

    with django_capture_on_commit_callbacks(execute=True):
        delete_rule(made)

    assert told(access)["key"] == (1000, 3600)


def test_another_process_hears_of_a_rule_at_its_next_request(
    access, django_capture_on_commit_callbacks, monkeypatch
):
    assert told(access)["key"] == (1000, 3600)
    # The other process writes: this one's memory is left as it is.
    monkeypatch.setattr(rules, "forget", lambda: None)
    rule(access.organization, django_capture_on_commit_callbacks, quota=5)

    limiter.take(layers_before("203.0.113.7"))

    assert told(access)["key"] == (5, 3600)


def test_unchanged_rules_cost_no_query(access, django_assert_num_queries):
    limiter.take([])
    told(access)

    with django_assert_num_queries(0):
        for _ in range(3):
            limiter.take(layers_before("203.0.113.7"))
            told(access)


def test_without_a_store_rules_are_read_every_second_and_a_half(
    access, settings, monkeypatch, django_assert_num_queries
):
    settings.RATE_LIMIT_STORE = "memory"
    limiter.limiter.cache_clear()
    try:
        told(access)
        LimitRule(organization=access.organization, target="key", quota=7).save()
        with django_assert_num_queries(0):
            assert told(access)["key"] == (1000, 3600)
        rules.current().read_at -= rules.UNVERSIONED_SECONDS
        assert told(access)["key"] == (7, 3600)
    finally:
        limiter.limiter.cache_clear()


@pytest.mark.parametrize(
    "fields",
    [
        {"target": "endpoint", "quota": 5},
        {"target": "key", "quota": 5, "route": LIST},
        {"target": "key", "quota": 5, "methods": "read"},
        {"target": "organization", "quota": 5, "credential": "x"},
        {"target": "key", "quota": 0},
        {"target": "key", "quota": 5, "window_seconds": 7},
    ],
)
def test_rules_that_mean_nothing_are_refused(
    access, fields, django_capture_on_commit_callbacks
):
    with pytest.raises(ValidationError):
        rule(access.organization, django_capture_on_commit_callbacks, **fields)


class TestAdmin:
    """Owners set limits; others look."""

    ADD = "/admin/rate_limits/limitrule/add/"

    def test_an_owner_sets_a_limit_that_holds(
        self, member_client, django_capture_on_commit_callbacks
    ):
        client = member_client(Role.OWNER)
        body = {"target": "key", "quota": 77, "window_seconds": 60}
        assert b"within two seconds" in client.get(self.ADD).content

        with django_capture_on_commit_callbacks(execute=True):
            client.post(self.ADD, body)

        key = access_of_key(client.membership, "k")
        assert told(key)["key"] == (77, 60)

    def test_too_much_is_refused_with_a_sentence(self, member_client):
        client = member_client(Role.OWNER)
        body = {"target": "key", "quota": 900_000, "window_seconds": 60}

        response = client.post(self.ADD, body, follow=True)

        assert b"may allow at most 20000 requests in an hour" in response.content
        assert not LimitRule.objects.exists()

    def test_limits_are_taken_back(
        self, member_client, django_capture_on_commit_callbacks
    ):
        client = member_client(Role.OWNER)
        made = rule(
            client.membership.organization,
            django_capture_on_commit_callbacks,
            quota=5,
        )
        address = f"/admin/rate_limits/limitrule/{made.pk}/delete/"

        with django_capture_on_commit_callbacks(execute=True):
            client.post(address, {"post": "yes"})

        assert not LimitRule.objects.exists()

    def test_allowances_are_shown_and_not_written(self, member_client):
        client = member_client(Role.OWNER)
        its = client.membership.organization
        allowance = set_allowance(its, "key", Rate(123, 60))
        address = f"/admin/rate_limits/allowance/{allowance.pk}/change/"

        assert b"123 requests in a minute" in client.get(address).content
        assert client.post(address, {"quota": 9}).status_code == 403
        assert Allowance.objects.get().quota == 123


def test_policies_of_the_settings_are_remembered():
    assert policies.default_policy("key") is policies.default_policy("key")
