import factory
from factory.django import DjangoModelFactory

from integrations.webhooks.models import Endpoint
from integrations.webhooks.signing import generate_secret
from organizations.encryption import encrypt
from tests.factories.organizations import OrganizationFactory


class EndpointFactory(DjangoModelFactory[Endpoint]):
    """An endpoint that asks for everything, and hears nothing: nobody listens there."""

    class Meta:
        model = Endpoint

    organization = factory.SubFactory(OrganizationFactory)
    name = factory.Sequence(lambda n: f"Endpoint {n}")
    url = factory.Sequence(lambda n: f"http://127.0.0.1:9/{n}")
    events = factory.LazyFunction(lambda: ["*"])
    encrypted_secret = factory.LazyFunction(lambda: encrypt(generate_secret()))
