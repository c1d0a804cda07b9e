"""API keys, made as their service makes them."""

from typing import Any

import factory
from factory.django import DjangoModelFactory

from integrations.api_keys import keys, peppers
from integrations.api_keys.models import ApiKey
from organizations.roles import Role
from tests.factories.organizations import MembershipFactory, OrganizationFactory

#: bcrypt's least cost.
COST = 4


class ApiKeyFactory(DjangoModelFactory[ApiKey]):
    """A key of an owner of the organization; ``text`` is the whole of it."""

    class Meta:
        model = ApiKey
        exclude = ["member"]

    organization = factory.SubFactory(OrganizationFactory)
    member = factory.SubFactory(
        MembershipFactory,
        organization=factory.SelfAttribute("..organization"),
        role=Role.OWNER,
    )
    owner = factory.SelfAttribute("member.user")
    name = factory.Sequence(lambda n: f"Key {n}")
    scopes = ["employees:read"]

    @staticmethod
    def build_text() -> str:
        """Return a key that was never given out."""
        return keys.generate(keys.Environment.LIVE).text

    @classmethod
    def _create(cls, model_class: Any, *args: Any, **kwargs: Any) -> ApiKey:
        made = keys.generate(keys.Environment(kwargs.get("environment", "live")))
        tag, pepper = peppers.make_tag(made.text)
        secret = {
            "key_id": made.key_id,
            "secret_hash": keys.hash_key(made.text, COST),
            "secret_tag": tag,
            "pepper": pepper,
        }
        key: ApiKey = super()._create(model_class, *args, **(secret | kwargs))
        key.text = made.text  # type: ignore[attr-defined]
        return key
