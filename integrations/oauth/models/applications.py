from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _
from jwcrypto.jwk import JWK
from oauth2_provider.models import AbstractApplication
from oauthlib.oauth2.rfc6749.errors import MissingRedirectURIError

from integrations.oauth import redirects
from integrations.oauth.formats import ALPHABET
from integrations.oauth.keys import signing_keys
from integrations.oauth.redirects import ApplicationKind
from integrations.oauth.scopes import IDENTITY_SCOPES, refuse_unknown
from organizations.classes import INTERNAL, PUBLIC, FieldClass
from organizations.models import Membership, OrganizationRecord, User

CLIENT_ID_PREFIX = "app_"
CLIENT_ID_LENGTH = 20


def generate_client_id() -> str:
    """Return a new public name of an app."""
    return CLIENT_ID_PREFIX + get_random_string(CLIENT_ID_LENGTH, ALPHABET)


class Application(OrganizationRecord, AbstractApplication):  # type: ignore[misc]
    """An app of an organization, and the most that it may do there.

    The library's model without what we do not do: slow hashes of secrets, skipping
    consent, grants other than by code and by client credentials. Its secret is shown
    once; a keyed digest is kept.
    """

    Kind = ApplicationKind

    # Fields of the library's model that ours are in place of.
    client_secret = None
    hash_client_secret = True
    client_type = None
    authorization_grant_type = None
    user = None
    skip_authorization = None
    allowed_origins = None
    registration_source = None
    cimd_expires_at = None
    created = None
    updated = None
    algorithm = AbstractApplication.RS256_ALGORITHM

    name = models.CharField(
        _("name"), max_length=100, help_text=_("People read it when it asks them.")
    )
    maker = models.CharField(
        _("made by"),
        max_length=100,
        blank=True,
        help_text=_("Who makes the app, as people know them."),
    )
    kind = models.CharField(
        _("kind"),
        max_length=10,
        choices=ApplicationKind,
        help_text=_("How it runs, which says whether it can keep a secret."),
    )
    client_id = models.CharField(
        _("client id"),
        max_length=40,
        unique=True,
        editable=False,
    )
    redirect_uris = ArrayField(
        models.CharField(max_length=redirects.MAX_LENGTH),
        verbose_name=_("redirect addresses"),
        default=list,
        blank=True,
        help_text=_(
            "Where people are sent back to, compared letter by letter. A service has "
            "none."
        ),
    )
    post_logout_redirect_uris = ArrayField(
        models.CharField(max_length=redirects.MAX_LENGTH),
        verbose_name=_("addresses after logging out"),
        default=list,
        blank=True,
        help_text=_("Where people may be sent after they logged out."),
    )
    allowed_scopes = ArrayField(
        models.CharField(max_length=50),
        verbose_name=_("scopes"),
        default=list,
        blank=True,
        help_text=_("The most that it may do; never more than the person's own role."),
    )
    is_enabled = models.BooleanField(
        _("switched on"),
        default=True,
        help_text=_("Switched off, none of its tokens opens anything."),
    )
    owner = models.ForeignKey(
        User,
        models.PROTECT,
        related_name="+",
        editable=False,
        verbose_name=_("owner"),
        help_text=_("Answers for it. A service never may more than its owner."),
    )
    secret_digest = models.CharField(max_length=64, blank=True, editable=False)

    subject_type = "oauth_app"
    api_path = "apps"
    field_classes: ClassVar[dict[str, FieldClass]] = {
        "name": PUBLIC,
        "maker": PUBLIC,
        "kind": PUBLIC,
        "client_id": PUBLIC,
        "redirect_uris": PUBLIC,
        "post_logout_redirect_uris": PUBLIC,
        "allowed_scopes": PUBLIC,
        "is_enabled": PUBLIC,
        "owner": PUBLIC,
        "secret_digest": INTERNAL,
    }

    class Meta:
        ordering = ["name", "id"]
        verbose_name = _("app")
        verbose_name_plural = _("apps")
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["web", "service"], secret_digest__gt="")
                | Q(kind__in=["browser", "native"], secret_digest=""),
                name="application_secret_where_it_is_kept",
                violation_error_message=_("Apps on people's devices keep no secret."),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "name"], name="application_by_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def keeps_secret(self) -> bool:
        """Whether it runs where its secret is out of people's reach."""
        return self.kind in {ApplicationKind.WEB, ApplicationKind.SERVICE}

    @property
    def is_service(self) -> bool:
        """Whether it acts for itself, without people."""
        return self.kind == ApplicationKind.SERVICE

    @property
    def available_scopes(self) -> set[str]:
        """What it may ask for."""
        own = set(self.allowed_scopes)
        return own if self.is_service else own | set(IDENTITY_SCOPES)

    @property
    def default_scopes(self) -> set[str]:
        """What it gets when it names nothing: an app with people must say."""
        return set(self.allowed_scopes) if self.is_service else set()

    def is_usable(self, request: object = None) -> bool:
        """Say whether it may act at all now; a service no longer when its owner left.

        Asks once more about the owner only for services.
        """
        if not self.is_enabled or self.organization.closed_at is not None:
            return False
        return not self.is_service or self.owners_membership() is not None

    def owners_membership(self) -> Membership | None:
        """Return the membership whose role bounds a service; None freezes it."""
        return (
            Membership._base_manager.select_related("user")
            .filter(
                organization=self.organization_id,
                user=self.owner_id,
                user__is_active=True,
            )
            .first()
        )

    def clean(self) -> None:
        """Refuse addresses and scopes that an app of this kind must not have."""
        errors: dict[str, ValidationError] = {}
        for name in ("redirect_uris", "post_logout_redirect_uris"):
            addresses = getattr(self, name) or []
            try:
                redirects.validate_addresses(self.kind, addresses)
            except ValidationError as error:
                errors[name] = error
        if self.is_service == bool(self.redirect_uris):
            errors.setdefault(
                "redirect_uris",
                ValidationError(
                    _("A service has no redirect address; every other app needs one."),
                    code="redirect_uri",
                ),
            )
        try:
            refuse_unknown(self.allowed_scopes or [])
        except ValidationError as error:
            errors["allowed_scopes"] = error
        if errors:
            raise ValidationError(errors)

    # --- What the library asks ---

    def redirect_uri_allowed(self, uri: str) -> bool:
        return redirects.is_registered(self.kind, self.redirect_uris, uri)

    def post_logout_redirect_uri_allowed(self, uri: str) -> bool:
        return redirects.is_registered(self.kind, self.post_logout_redirect_uris, uri)

    @property
    def default_redirect_uri(self) -> str:
        """None: an app says where it wants to be answered.

        Raises:
            MissingRedirectURIError: always.
        """
        raise MissingRedirectURIError

    def origin_allowed(self, origin: str) -> bool:
        """Say whether pages of an origin may read what we answer the app."""
        return self.kind == ApplicationKind.BROWSER and origin in {
            redirects.origin_of(address) for address in self.redirect_uris
        }

    def get_allowed_schemes(self) -> set[str]:
        addresses = [*self.redirect_uris, *self.post_logout_redirect_uris]
        return {redirects.scheme_of(address) for address in addresses}

    def allows_grant_type(self, *grant_types: str) -> bool:
        own = (
            AbstractApplication.GRANT_CLIENT_CREDENTIALS
            if self.is_service
            else AbstractApplication.GRANT_AUTHORIZATION_CODE
        )
        return own in grant_types

    @property
    def jwk_key(self) -> JWK:
        """The key that its ID tokens are signed with."""
        return signing_keys()[0]
