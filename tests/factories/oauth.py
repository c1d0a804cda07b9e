import datetime as dt
from collections.abc import Iterable

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from integrations.oauth import issuing
from integrations.oauth.client_secrets import secret_digest
from integrations.oauth.formats import Prefix, digest, generate
from integrations.oauth.models import Application, Grant
from integrations.oauth.models.applications import generate_client_id
from organizations.models import Membership
from tests.factories.organizations import MembershipFactory, OrganizationFactory

#: The secret of every app that a factory makes.
SECRET = "phs_0123456789012345678901234567890123456789AbCdEf"
CALLBACK = "https://app.example.com/callback"


class ApplicationFactory(DjangoModelFactory[Application]):
    """A web app that may read the directory, of an owner of its organization."""

    class Meta:
        model = Application

    class Params:
        service = factory.Trait(
            kind="service", redirect_uris=[], post_logout_redirect_uris=[]
        )
        browser = factory.Trait(kind="browser", secret_digest="")
        native = factory.Trait(
            kind="native",
            secret_digest="",
            redirect_uris=["http://127.0.0.1/callback", "com.example.app:/callback"],
        )

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"App {n}")
    client_id = factory.LazyFunction(generate_client_id)
    kind = "web"
    redirect_uris = factory.LazyFunction(lambda: [CALLBACK])
    post_logout_redirect_uris = factory.LazyFunction(
        lambda: ["https://app.example.com/bye"]
    )
    allowed_scopes = factory.LazyFunction(lambda: ["employees:read", "leave:read"])
    secret_digest = factory.LazyFunction(lambda: secret_digest(SECRET))
    owner = factory.LazyAttribute(
        lambda application: (
            MembershipFactory(organization=application.organization, role="owner").user
        )
    )


def access_token(
    application: Application, membership: Membership, scopes: Iterable[str]
) -> str:
    """Return a new access token of a member who has let an app in."""
    now = timezone.now()
    scope = " ".join(sorted(scopes))
    grant = Grant._base_manager.create(
        organization=application.organization,
        application=application,
        membership=membership,
        user=membership.user,
        code=digest(generate(Prefix.CODE)),
        expires=now,
        redeemed_at=now,
        scope=scope,
        password_stamp=membership.user.get_session_auth_hash(),
        authenticated_at=now,
        valid_until=now + dt.timedelta(days=1),
    )
    text = generate(Prefix.ACCESS)
    issuing.keep_access_token(text, application=application, grant=grant, scope=scope)
    return text
