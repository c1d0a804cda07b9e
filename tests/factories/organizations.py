import factory
from factory.django import DjangoModelFactory, Password

from organizations.models import Membership, Organization, User
from organizations.roles import Role

PASSWORD = "correct horse battery"


class OrganizationFactory(DjangoModelFactory[Organization]):
    class Meta:
        model = Organization

    name = factory.Sequence(lambda n: f"Organization {n}")
    slug = factory.Sequence(lambda n: f"organization-{n}")
    country = "DE"
    time_zone = "Europe/Berlin"


class UserFactory(DjangoModelFactory[User]):
    """A user whose password is ``PASSWORD``."""

    class Meta:
        model = User

    email = factory.Sequence(lambda n: f"user-{n}@example.com")
    password = Password(PASSWORD)


class MembershipFactory(DjangoModelFactory[Membership]):
    class Meta:
        model = Membership

    organization = factory.SubFactory(OrganizationFactory)
    user = factory.SubFactory(UserFactory)
    role = Role.EMPLOYEE
