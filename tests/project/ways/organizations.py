"""How members are written, and what each way tells."""

from django.core.management import call_command

from organizations.roles import Role
from organizations.services import (
    add_member,
    change_role,
    create_organization,
    remove_member,
)
from tests.factories import (
    MembershipFactory,
)
from tests.project.ways.stage import SILENT, Stage, Write, select, way


@way("admin organizations_membership_add")
def _(stage: Stage) -> Write:
    form = {"email": "ada@example.com", "role": "hr"}
    return Write(
        lambda: stage.browser.post("/admin/organizations/membership/add/", form),
        ["membership.created"],
    )


@way("admin organizations_membership_change")
def _(stage: Stage) -> Write:
    member = MembershipFactory(**stage.mine)
    address = f"/admin/organizations/membership/{member.pk}/change/"
    form = {"role": "hr", "version": 1}
    return Write(lambda: stage.browser.post(address, form), ["membership.updated"])


@way("admin organizations_membership_delete")
def _(stage: Stage) -> Write:
    member = MembershipFactory(**stage.mine)
    address = f"/admin/organizations/membership/{member.pk}/delete/"
    return Write(
        lambda: stage.browser.post(address, {"post": "yes"}), ["membership.deleted"]
    )


@way("admin organizations.membership action delete_selected")
def _(stage: Stage) -> Write:
    members = MembershipFactory.create_batch(2, **stage.mine)
    path = "organizations/membership"
    return Write(
        lambda: select(stage, path, "delete_selected", members, post=1),
        ["membership.deleted"] * 2,
    )


@way("POST api:member-list")
def _(stage: Stage) -> Write:
    body = {"email": "ada@example.com"}
    return Write(
        lambda: stage.api.send("POST", "/api/v1/members/", body),
        ["membership.created"],
    )


@way("PUT api:member-detail", "PATCH api:member-detail", "DELETE api:member-detail")
def _(stage: Stage, name: str) -> Write:
    method = name.split(maxsplit=1)[0]
    address = f"/api/v1/members/{MembershipFactory(**stage.mine).pk}/"
    tells = "deleted" if method == "DELETE" else "updated"
    body = None if method == "DELETE" else {"role": "hr"}
    return Write(lambda: stage.api.send(method, address, body), [f"membership.{tells}"])


@way("command create_organization")
def _(stage: Stage) -> Write:
    return Write(
        lambda: call_command(
            "create_organization", "Acme", "acme", "boss@example.com", country="DE"
        ),
        ["membership.created"],
    )


@way("service organizations.services.create_organization")
def _(stage: Stage) -> Write:
    return Write(
        lambda: create_organization(
            name="Acme",
            slug="acme",
            country="DE",
            time_zone="UTC",
            owner_email="boss@example.com",
        ),
        ["membership.created"],
    )


@way("service organizations.services.add_member")
def _(stage: Stage) -> Write:
    return Write(
        lambda: add_member(stage.organization, email="a@b.example", role=Role.HR),
        ["membership.created"],
    )


@way("service organizations.services.change_role")
def _(stage: Stage) -> Write:
    member = MembershipFactory(**stage.mine)
    return Write(lambda: change_role(member, Role.HR), ["membership.updated"])


@way("service organizations.services.remove_member")
def _(stage: Stage) -> Write:
    member = MembershipFactory(**stage.mine)
    return Write(lambda: remove_member(member), ["membership.deleted"])


SILENT.update(
    {
        "admin *_changelist": "a list",
        "admin *_history": "a list",
        "admin organizations_organization_*": "an organization is no record of one",
        "admin organizations.membership action invite_again": "sends a mail",
        "POST api:token*": "tokens belong to a login",
        "DELETE api:token-session-*": "the same",
        "command rotate_signing_keys": "keys belong to the installation",
        "task organizations.tasks.*": "keys, and logins that are past",
        "page account_*": "logins and passwords belong to users, not to organizations",
        "page usersessions_list": "the same",
        "page organizations:choose": "read",
        "page organizations:switch": "a choice kept in the session",
        "page monitoring:*": "read",
        "command print_*": "prints",
        "command load_demo": "writes by the services; tests/people_hr loads it",
        "service organizations.services.memberships_of": "read",
        "service organizations.services.end_expired_sessions": (
            "sessions are the library's rows, and of no organization"
        ),
    }
)
