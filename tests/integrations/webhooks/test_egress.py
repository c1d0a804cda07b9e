import datetime as dt
import ipaddress
import ssl
from collections.abc import Iterator

import certifi
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.core.exceptions import ValidationError

from integrations.webhooks.egress import (
    EgressEngine,
    EgressLimits,
    EgressPolicy,
    Outcome,
    validate_endpoint_url,
)
from tests.integrations.webhooks.sink import Answer, Sink

STRICT = EgressPolicy()
PRIVATE = EgressPolicy(allow_private_networks=True)

PUBLIC_ADDRESSES = ["93.184.215.14", "8.8.8.8", "2606:4700::1111", "64:ff9b::808:808"]
PRIVATE_ADDRESSES = [
    "10.0.0.1",
    "127.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",  # carrier-grade NAT
    "198.18.0.1",
    "::1",
    "fc00::1",
    "fd12:3456::1",
    "::ffff:10.0.0.1",  # IPv4-mapped
    "::ffff:127.0.0.1",
    "64:ff9b::a00:1",  # NAT64 of 10.0.0.1
    "2002:a00:1::",  # 6to4 of 10.0.0.1
    "::7f00:1",  # the old IPv4-compatible form
]
NEVER_ADDRESSES = [
    "169.254.169.254",  # cloud metadata
    "::ffff:169.254.169.254",
    "64:ff9b::a9fe:a9fe",
    "100.100.100.200",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "0.0.0.0",
    "::",
    "224.0.0.1",
    "255.255.255.255",
    "ff02::1",
]


@pytest.mark.parametrize("address", PUBLIC_ADDRESSES)
def test_public_addresses_are_allowed(address):
    assert STRICT.is_allowed(address)
    assert PRIVATE.is_allowed(address)


@pytest.mark.parametrize("address", PRIVATE_ADDRESSES)
def test_private_addresses_are_allowed_only_where_the_installation_says_so(address):
    assert not STRICT.is_allowed(address)
    assert PRIVATE.is_allowed(address)


@pytest.mark.parametrize("address", NEVER_ADDRESSES)
def test_metadata_link_local_and_multicast_are_never_allowed(address):
    assert not STRICT.is_allowed(address)
    assert not PRIVATE.is_allowed(address)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://example.com/hook", "scheme"),
        ("ftp://example.com/hook", "scheme"),
        ("example.com/hook", "scheme"),
        ("https:///hook", "host"),
        ("https://ada:secret@example.com/", "userinfo"),
        ("https://ada@example.com/", "userinfo"),
        ("https://example.com/#part", "fragment"),
        ("https://example.com:99999/", "invalid"),
        ("https://[::1/", "invalid"),
        ("https://exämple.com/", "characters"),
        ("https://example.com/a b", "characters"),
        ("https://example.com/\r\nx", "characters"),
        ("https://example.com/" + "a" * 2000, "too_long"),
        ("https://10.0.0.1/", "address"),
        ("https://[::1]/", "address"),
        ("https://localhost/", "address"),
    ],
)
def test_an_address_that_nothing_may_go_to_is_refused_when_it_is_saved(url, code):
    with pytest.raises(ValidationError) as refused:
        validate_endpoint_url(url, STRICT)

    assert refused.value.code == code


@pytest.mark.parametrize(
    "url", ["https://example.com/hook?key=1", "https://example.com:8443/hook"]
)
def test_https_to_a_name_is_accepted_on_any_port(url):
    validate_endpoint_url(url, STRICT)


def test_http_and_loopback_are_accepted_where_the_installation_says_so():
    validate_endpoint_url("http://127.0.0.1:9000/", PRIVATE)
    with pytest.raises(ValidationError, match="no address that a webhook may go to"):
        validate_endpoint_url("http://169.254.169.254/latest/meta-data/", PRIVATE)


@pytest.fixture
def engine() -> Iterator[EgressEngine[str]]:
    engine: EgressEngine[str] = EgressEngine(PRIVATE, EgressLimits())
    yield engine
    engine.close()


def post(engine: EgressEngine[str], *urls: str) -> list[Outcome[str]]:
    """Send to all addresses at once, and wait for every outcome."""
    for url in urls:
        engine.send(url, url=url, headers=["webhook-id: evt_1"], body=b'{"a":1}')
    outcomes: list[Outcome[str]] = []
    while engine.in_flight:
        engine.wait(1.0)
        outcomes += engine.outcomes()
    return outcomes


def test_posts_the_body_with_its_headers_and_no_others(engine, sink):
    (outcome,) = post(engine, sink.url)

    assert (outcome.status_code, outcome.excerpt, outcome.error) == (200, b"ok", "")
    (request,) = sink.requests
    assert (request.path, request.body) == ("/hook", b'{"a":1}')
    assert request.headers == {
        "host": f"127.0.0.1:{sink.server_port}",
        "user-agent": "PeopleHR-Webhooks/1",
        "accept": "*/*",
        "content-type": "application/json",
        "content-length": "7",
        "webhook-id": "evt_1",
    }


def test_a_connection_is_used_again(engine, sink):
    (first,) = post(engine, sink.url)
    (second,) = post(engine, sink.url)

    assert (first.is_new_connection, second.is_new_connection) == (True, False)
    assert sink.connections == 1


def test_a_redirect_is_an_answer_and_is_not_followed(engine, sink):
    sink.answer = Answer(302, headers={"location": "/elsewhere"})

    (outcome,) = post(engine, sink.url)

    assert outcome.status_code == 302
    assert [request.path for request in sink.requests] == ["/hook"]


def test_an_endless_answer_is_cut_off_and_a_kibibyte_is_kept(engine, sink):
    sink.answer = Answer(200, body=b"x" * 5_000_000)

    (outcome,) = post(engine, sink.url)

    assert (outcome.status_code, outcome.excerpt) == (200, b"x" * 1024)


def test_cookies_are_not_kept(engine, sink):
    sink.answer = Answer(headers={"set-cookie": "a=1; Path=/"})

    post(engine, sink.url)
    post(engine, sink.url)

    assert ["cookie" in request.headers for request in sink.requests] == [False] * 2


def test_a_proxy_of_the_environment_is_not_used(engine, sink, monkeypatch):
    with Sink() as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)

        post(engine, sink.url)

        assert (len(sink.requests), len(proxy.requests)) == (1, 0)


def test_a_netrc_file_identifies_nobody(engine, sink, monkeypatch, tmp_path):
    netrc = tmp_path / ".netrc"
    netrc.write_text("machine 127.0.0.1 login ada password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))

    post(engine, sink.url)

    assert "authorization" not in sink.requests[0].headers


def test_who_does_not_answer_is_given_up_on(sink):
    sink.hang()
    engine: EgressEngine[str] = EgressEngine(PRIVATE, EgressLimits(500, 100))

    (outcome,) = post(engine, sink.url)

    engine.close()
    assert (outcome.status_code, outcome.error[:28]) == (
        0,
        "No answer within 0.1 seconds",
    )


def test_where_nobody_listens_the_sentence_says_so(engine):
    (outcome,) = post(engine, "http://127.0.0.1:9/")

    assert outcome.status_code == 0
    assert outcome.error.startswith("No connection (Failed to connect to 127.0.0.1")


def test_a_name_that_does_not_exist_is_told(engine):
    (outcome,) = post(engine, "http://nowhere.invalid/")

    assert outcome.error.startswith("The host name is not known")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "2130706433", "0x7f.1"])
def test_the_address_really_connected_to_is_checked(host, sink):
    engine: EgressEngine[str] = EgressEngine(STRICT, EgressLimits())

    (outcome,) = post(engine, f"https://{host}:{sink.server_port}/hook")

    engine.close()
    assert (outcome.status_code, sink.connections) == (0, 0)
    assert outcome.error.endswith(
        "is not a public address; webhooks go to public addresses only."
    )


def test_without_permission_plain_http_is_not_spoken(sink):
    engine: EgressEngine[str] = EgressEngine(STRICT, EgressLimits())

    (outcome,) = post(engine, sink.url)

    engine.close()
    assert (outcome.status_code, sink.connections) == (0, 0)
    assert 'Protocol "http" is disabled' in outcome.error


def certificate(folder) -> str:
    """Write a certificate for 127.0.0.1, signed by itself, and return its path."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "sink")])
    now = dt.datetime.now(dt.UTC)
    san = x509.SubjectAlternativeName(
        [x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    )
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(san, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "sink.pem"
    path.write_bytes(
        signed.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return str(path)


@pytest.mark.parametrize(("is_trusted", "status_code"), [(True, 200), (False, 0)])
def test_tls_needs_a_certificate_that_is_trusted(is_trusted, status_code, tmp_path):
    path = certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    limits = EgressLimits(ca_file=path if is_trusted else certifi.where())
    engine: EgressEngine[str] = EgressEngine(PRIVATE, limits)

    with Sink(tls=context) as sink:
        (outcome,) = post(engine, sink.url)
        assert len(sink.requests) == is_trusted

    engine.close()
    assert outcome.status_code == status_code
    assert outcome.error.startswith("No trusted TLS connection") is not is_trusted
