from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from uuid_utils.compat import uuid7

from organizations.classes import PUBLIC
from organizations.models.records import OrganizationRecord
from organizations.roles import Role


class UserManager(BaseUserManager["User"]):
    """Users, found by e-mail address in whatever case it is typed."""

    def create_user(
        self, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        """Create a user; without a password they set one by mail."""
        user: User = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str, **fields: Any) -> "User":
        """Create an operator of the installation, for Django's createsuperuser."""
        return self.create_user(email, password, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who logs in. Who they are to an organization says a membership."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    email = models.EmailField(_("e-mail"), unique=True)
    first_name = models.CharField(_("first name"), max_length=150, blank=True)
    last_name = models.CharField(_("last name"), max_length=150, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    date_joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects: ClassVar[UserManager] = UserManager()

    class Meta:
        ordering = ["email"]
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                name="user_email_in_any_case",
                violation_error_message=_("This e-mail address is taken."),
            )
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    def get_full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        return self.first_name or self.email

    @property
    def is_staff(self) -> bool:
        """Django's word for who may open its admin; ours is a scope of the role."""
        return self.is_active and self.is_superuser


class Membership(OrganizationRecord):
    """A user's place in an organization: their role, and by it their scopes."""

    user = models.ForeignKey(
        User, models.PROTECT, related_name="memberships", verbose_name=_("user")
    )
    role = models.CharField(
        _("role"), max_length=20, choices=Role.choices, default=Role.EMPLOYEE
    )

    subject_type = "membership"
    api_path = "members"
    field_classes = {"user": PUBLIC, "email": PUBLIC, "role": PUBLIC}

    class Meta:
        ordering = ["created_at"]
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "user"],
                name="membership_once_per_user",
                violation_error_message=_("This person is a member already."),
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.get_role_display()}"

    @property
    def email(self) -> str:
        """The address that the member logs in with."""
        return self.user.email
