"""What is shown at the API's door for an app's token: each row opens nothing."""

import base64
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from integrations.oauth.formats import ALPHABET, Prefix, checksum_of, generate
from integrations.oauth.models import AccessToken, Grant
from organizations.models import Membership
from organizations.problems import problem_type
from organizations.tokens import open_family
from tests.factories import MembershipFactory
from tests.factories.oauth import ApplicationFactory, access_token
from tests.integrations.oauth.flows import Visit

ME = "/api/v1/me/"
pytestmark = pytest.mark.django_db


@dataclass
class Loot:
    """What a hostile caller may have seen: a good token, and what lies around it."""

    token: str
    membership: Membership

    @property
    def secret(self) -> str:
        return self.token.removeprefix(Prefix.ACCESS)[:-6]

    def signed(self, start: str) -> str:
        """Return a text with the checksum that a token with this start has."""
        return start + checksum_of(start)


@pytest.fixture
def loot() -> Loot:
    application = ApplicationFactory(allowed_scopes=["organization:read"])
    member = MembershipFactory(organization=application.organization)
    return Loot(access_token(application, member, ["organization:read"]), member)


def changed(text: str, position: int) -> str:
    """Return a text with one other letter."""
    other = ALPHABET[(ALPHABET.find(text[position]) + 1) % len(ALPHABET)]
    return text[:position] + other + text[position + 1 :]


def ended(loot: Loot) -> str:
    Grant.objects.update(ended_at=timezone.now())
    return loot.token


def expired(loot: Loot) -> str:
    AccessToken.objects.update(expires=timezone.now() - dt.timedelta(seconds=1))
    return loot.token


def outlived(loot: Loot) -> str:
    Grant.objects.update(valid_until=timezone.now())
    return loot.token


def removed(loot: Loot) -> str:
    AccessToken.objects.all().delete()
    return loot.token


def stored_digest(_loot: Loot) -> str:
    digest: str = AccessToken.objects.get().token_checksum
    return digest


def refresh_token(loot: Loot) -> str:
    application = AccessToken.objects.get().application
    visit = Visit(application, loot.membership, scope="openid organization:read")
    text: str = visit.tokens()["refresh_token"]
    return text


def code(loot: Loot) -> str:
    application = AccessToken.objects.get().application
    return Visit(application, loot.membership, scope="openid").code()


def id_token(loot: Loot) -> str:
    application = AccessToken.objects.get().application
    text: str = Visit(application, loot.membership, scope="openid").tokens()["id_token"]
    return text


Row = Callable[[Loot], str]
#: Good at first, and no longer.
STALE: dict[str, Row] = {
    "ended": ended,
    "expired": expired,
    "outlived": outlived,
    "removed": removed,
}
HOSTILE: dict[str, Row] = {
    # --- Not ours
    "prefix alone": lambda _: Prefix.ACCESS,
    "prefix and checksum": lambda loot: loot.signed(Prefix.ACCESS),
    "guessed": lambda _: generate(Prefix.ACCESS),
    "short secret": lambda loot: loot.signed("pho_" + "A" * 39),
    "long secret": lambda loot: loot.signed("pho_" + "A" * 41),
    "only zeros": lambda loot: loot.signed("pho_" + "0" * 40),
    "other letters": lambda _: "pho_" + "é" * 46,
    "full-width letters": lambda _: "pho_" + "\uff21" * 46,
    "emoji": lambda _: "pho_😀",
    "dashes": lambda loot: loot.signed("pho_" + "-" * 40),
    "underscores": lambda loot: loot.signed("pho_" + "_" * 40),
    "SQL": lambda _: "pho_' OR '1'='1",
    "SQL of the right length": lambda loot: loot.signed("pho_" + "'--".ljust(40, "x")),
    "a format": lambda _: "pho_%s%s%n{0}",
    "a path": lambda _: "pho_../../../../etc/passwd",
    "a template": lambda _: "pho_{{7*7}}${7*7}",
    "a header": lambda _: "pho_x\r\nX-API-Key: y",
    "JSON": lambda _: '{"access_token": "pho_x"}',
    "null": lambda _: "pho_null",
    "very long": lambda _: generate(Prefix.ACCESS) * 500,
    "a GitHub token": lambda _: "gho_16C7e42F292c6912E7710c838347Ae178B4a",
    # --- Ours, changed
    "first letter": lambda loot: changed(loot.token, 4),
    "middle letter": lambda loot: changed(loot.token, 24),
    "last of the secret": lambda loot: changed(loot.token, 43),
    "first of the checksum": lambda loot: changed(loot.token, 44),
    "last letter": lambda loot: changed(loot.token, 49),
    "changed, checksum made anew": lambda loot: loot.signed(
        changed(loot.token, 24)[:-6]
    ),
    "shortened": lambda loot: loot.token[:-1],
    "lengthened": lambda loot: loot.token + "0",
    "without prefix": lambda loot: loot.token[4:],
    "without checksum": lambda loot: loot.token[:-6],
    "checksum twice": lambda loot: loot.token + loot.token[-6:],
    "capitals": lambda loot: loot.token.upper(),
    "capital prefix": lambda loot: "PHO_" + loot.token[4:],
    "cases swapped": lambda loot: loot.token.swapcase(),
    "backwards": lambda loot: loot.token[::-1],
    "leading zero": lambda loot: "pho_0" + loot.token[4:],
    "inner space": lambda loot: loot.token[:20] + " " + loot.token[20:],
    "inner NUL": lambda loot: loot.token[:20] + "\0" + loot.token[21:],
    "trailing NUL": lambda loot: loot.token + "\0",
    "trailing newline": lambda loot: loot.token + "\n",
    "trailing tab": lambda loot: loot.token + "\t",
    "trailing semicolon": lambda loot: loot.token + ";",
    "trailing comma": lambda loot: loot.token + ",",
    "no-break space": lambda loot: loot.token + "\u00a0",
    "zero-width space": lambda loot: "\u200b" + loot.token,
    "byte order mark": lambda loot: "\ufeff" + loot.token,
    "quoted": lambda loot: f'"{loot.token}"',
    "as a parameter": lambda loot: f'token="{loot.token}"',
    "percent-encoded": lambda loot: quote(loot.token, safe="").replace("p", "%70"),
    "in Base64": lambda loot: base64.b64encode(loot.token.encode()).decode(),
    "twice": lambda loot: loot.token * 2,
    "twice with a comma": lambda loot: f"{loot.token},{loot.token}",
    "twice with a space": lambda loot: f"{loot.token} {loot.token}",
    "the scheme twice": lambda loot: f"Bearer {loot.token}",
    # --- Ours, of another kind
    "refresh token": refresh_token,
    "refresh token in disguise": lambda loot: loot.signed(
        Prefix.ACCESS + refresh_token(loot)[4:-6]
    ),
    "access token in disguise": lambda loot: loot.signed(Prefix.REFRESH + loot.secret),
    "code": code,
    "code in disguise": lambda loot: loot.signed(Prefix.ACCESS + code(loot)[4:-6]),
    "ID token": id_token,
    "client secret": lambda _: generate(Prefix.CLIENT_SECRET),
    "client id": lambda _: AccessToken.objects.get().application.client_id,
    "stored digest": stored_digest,
    "stored digest in disguise": lambda loot: loot.signed(
        f"pho_{stored_digest(loot)[:40]}"
    ),
    "refresh token of a login": lambda loot: open_family(loot.membership).refresh,
    "token of a login in disguise": lambda loot: (
        f"pho_{open_family(loot.membership).access}"
    ),
    "alg none": lambda _: "eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
    **STALE,
}


def ask(**headers: str) -> object:
    """Ask with headers as a server passes on the bytes of them."""
    sent = {name: text.encode().decode("latin-1") for name, text in headers.items()}
    return Client().get(ME, headers=sent)


def test_there_are_more_than_sixty_ways():
    assert len(HOSTILE) > 60


@pytest.mark.parametrize("name", HOSTILE)
def test_it_opens_nothing_and_says_nothing(name, loot):
    answer = ask(Authorization=f"Bearer {HOSTILE[name](loot)}")

    assert answer.status_code == 401
    told = answer.json()
    assert told["type"] == problem_type("invalid_token")
    assert told["detail"] == "This token is not valid, or no longer."
    assert answer["WWW-Authenticate"].startswith('Bearer realm="People HR", ')
    if name not in STALE:
        assert ask(Authorization=f"Bearer {loot.token}").status_code == 200


@pytest.mark.parametrize(
    "header",
    ["Token {}", "OAuth {}", "Basic {}", "DPoP {}", "MAC {}", "Bearer{}", "{}"],
)
def test_another_scheme_opens_nothing(header, loot):
    assert ask(Authorization=header.format(loot.token)).status_code == 401


@pytest.mark.parametrize("name", ["access_token", "token", "Authorization"])
def test_it_is_read_from_the_header_alone(name, loot):
    assert Client().get(ME, {name: loot.token}).status_code == 401
    browser = Client()
    browser.cookies[name] = loot.token
    assert browser.get(ME).status_code == 401
    body = {name: loot.token, "name": "Engineering"}
    departments = "/api/v1/departments/"
    answer = Client().post(departments, body, content_type="application/json")
    assert answer.status_code == 401
    assert ask(**{"X-API-Key": loot.token}).status_code == 401


def test_a_token_of_the_login_is_none_of_an_app_and_the_reverse(loot):
    login = open_family(loot.membership)
    visit = Visit(AccessToken.objects.get().application, loot.membership)

    assert ask(Authorization=f"Bearer {login.access}").status_code == 200
    assert visit.userinfo(login.access).status_code == 401
    asked = visit.post("introspect", {"token": login.access, **visit.proof()})
    assert asked.json() == {"active": False}
    assert visit.refresh(login.refresh).status_code == 400
    for address in ("refresh", "revoke"):
        answer = Client().post(
            f"/api/v1/auth/token/{address}/",
            {"refresh": loot.token},
            content_type="application/json",
        )
        assert answer.status_code == 401
