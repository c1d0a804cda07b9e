"""HR's side of webhooks: endpoints and their secret, deliveries, the log."""

import pytest
from django.utils import timezone

from integrations.webhooks.models import Attempt, Delivery, Endpoint, Event
from organizations.encryption import decrypt
from organizations.events import EventType
from organizations.roles import Role
from tests.factories import DepartmentFactory, EndpointFactory

ENDPOINTS = "/admin/webhooks/endpoint/"
DELIVERIES = "/admin/webhooks/delivery/"
EVENTS = "/admin/webhooks/event/"
NEW = {"name": "Payroll", "url": "http://127.0.0.1:9/", "events": ["employee.*"]}


def shown_messages(response):
    return [str(message) for message in response.context["messages"]]


def fail(delivery):
    """Let a delivery have failed for good, with one attempt in its log."""
    now = timezone.now()
    Delivery.objects.filter(pk=delivery.pk).update(
        status="failed", due_at=None, attempts=12, status_code=500, attempted_at=now
    )
    Attempt.objects.create(
        organization_id=delivery.organization_id,
        delivery=delivery,
        number=12,
        attempted_at=now,
        status_code=500,
        duration_ms=31,
        excerpt="Out of order",
    )


@pytest.fixture
def client(member_client):
    return member_client(Role.HR_ADMIN)


@pytest.fixture
def mine(client):
    """What belongs to the organization of the client: keywords for factories."""
    return {"organization": client.membership.organization}


@pytest.fixture
def delivery(mine):
    """An event of this organization on its way to an endpoint of it."""
    EndpointFactory(**mine)
    DepartmentFactory(**mine)
    return Delivery.objects.get()


@pytest.fixture
def theirs(db):
    """An event of another organization on its way to an endpoint of it."""
    endpoint = EndpointFactory()
    DepartmentFactory(organization=endpoint.organization)
    return Delivery.objects.get(organization=endpoint.organization)


def test_new_endpoint_shows_its_secret_once(client, mine):
    response = client.post(f"{ENDPOINTS}add/", NEW)

    endpoint = Endpoint.objects.get()
    secret = decrypt(endpoint.encrypted_secret)
    first, second = (client.get(response.url) for _ in range(2))
    assert endpoint.organization == mine["organization"]
    assert secret in first.content.decode()
    assert "no-store" in first["Cache-Control"]
    assert second.url == f"{ENDPOINTS}{endpoint.pk}/change/"
    assert secret not in client.get(second.url).content.decode()
    assert secret not in str(dict(client.session))


def test_secret_is_shown_to_its_maker_alone(client, mine, member_client):
    response = client.post(f"{ENDPOINTS}add/", NEW)
    colleague = member_client(Role.OWNER, mine["organization"])

    assert colleague.get(response.url).url.endswith("/change/")
    assert client.get(response.url).status_code == 200


def test_form_offers_every_event_with_what_it_means(client):
    page = client.get(f"{ENDPOINTS}add/").content.decode()

    for declared in EventType.all():
        assert f'value="{declared.name}"' in page
        assert str(declared.description).replace("'", "&#x27;") in page
    assert 'value="employee.*"' in page
    assert 'value="*"' in page


@pytest.mark.parametrize(
    ("field", "value"),
    [("url", "ftp://example.com/"), ("events", ["employee.eaten"]), ("events", [])],
)
def test_wrong_endpoint_is_an_error_of_its_field(client, field, value):
    response = client.post(f"{ENDPOINTS}add/", NEW | {field: value})

    assert list(response.context["adminform"].form.errors) == [field]
    assert not Endpoint.objects.exists()


def test_endpoint_is_changed_and_keeps_its_secret(client, mine):
    endpoint = EndpointFactory(**mine)
    secret = endpoint.encrypted_secret

    client.post(
        f"{ENDPOINTS}{endpoint.pk}/change/",
        NEW | {"version": 1, "is_enabled": "", "encrypted_secret": "x"},
    )

    endpoint.refresh_from_db()
    assert (endpoint.name, endpoint.is_enabled) == ("Payroll", False)
    assert endpoint.encrypted_secret == secret


def test_deleting_says_how_many_deliveries_go_along(client, delivery):
    address = f"{ENDPOINTS}{delivery.endpoint_id}/delete/"

    page = client.get(address)
    client.post(address, {"post": "yes"})

    assert dict(page.context["model_count"]) == {
        "webhook endpoints": 1,
        "deliveries": 1,
    }
    assert not Endpoint.objects.exists()
    assert not Delivery.objects.exists()


@pytest.mark.parametrize("way", ["button", "action"])
def test_test_event_goes_to_this_endpoint(client, mine, way):
    endpoint = EndpointFactory(**mine, events=["employee.*"])
    EndpointFactory(**mine)

    if way == "button":
        response = client.post(f"{ENDPOINTS}{endpoint.pk}/test/")
        assert response.url == f"{DELIVERIES}?endpoint__id__exact={endpoint.pk}"
    else:
        client.post(ENDPOINTS, {"action": "send_test", "_selected_action": endpoint.pk})

    delivery = Delivery.objects.get()
    assert delivery.endpoint == endpoint
    assert delivery.event.type == "webhook_endpoint.tested"


def test_no_test_event_goes_to_an_endpoint_that_is_off(client, mine):
    endpoint = EndpointFactory(**mine, is_enabled=False)

    response = client.post(f"{ENDPOINTS}{endpoint.pk}/test/", follow=True)

    assert shown_messages(response) == [
        f"{endpoint}: The endpoint is switched off. Switch it on first."
    ]


@pytest.mark.parametrize("way", ["button", "action"])
def test_failed_delivery_is_sent_again(client, delivery, way):
    fail(delivery)

    if way == "button":
        client.post(f"{DELIVERIES}{delivery.pk}/send-again/")
    else:
        client.post(
            DELIVERIES, {"action": "send_again", "_selected_action": delivery.pk}
        )

    delivery.refresh_from_db()
    assert delivery.status == Delivery.Status.RETRYING
    assert delivery.due_at <= timezone.now()


def test_buttons_do_nothing_on_a_mere_link(client, delivery):
    for address in (
        f"{DELIVERIES}{delivery.pk}/send-again/",
        f"{ENDPOINTS}{delivery.endpoint_id}/test/",
    ):
        assert client.get(address).status_code == 405


def test_delivery_page_shows_body_attempts_and_answer(client, delivery):
    fail(delivery)

    page = client.get(f"{DELIVERIES}{delivery.pk}/change/").content.decode()

    assert "Out of order" in page
    assert "12 of 12" in page
    assert "&quot;type&quot;: &quot;department.created&quot;" in page


def test_deliveries_and_events_are_written_by_nobody(client, delivery):
    for address, pk in ((DELIVERIES, delivery.pk), (EVENTS, delivery.event_id)):
        assert client.get(f"{address}add/").status_code == 403
        assert client.post(f"{address}{pk}/change/", {}).status_code == 403
        assert client.post(f"{address}{pk}/delete/", {"post": 1}).status_code == 403


def test_auditor_reads_and_sends_nothing(member_client, mine, delivery):
    auditor = member_client(Role.AUDITOR, mine["organization"])
    due_at = delivery.due_at

    assert auditor.get(DELIVERIES).status_code == 200
    again = auditor.post(f"{DELIVERIES}{delivery.pk}/send-again/")
    test = auditor.post(f"{ENDPOINTS}{delivery.endpoint_id}/test/")

    assert (again.status_code, test.status_code) == (403, 403)
    delivery.refresh_from_db()
    assert delivery.due_at == due_at
    assert not Event.objects.filter(type="webhook_endpoint.tested").exists()


def test_hr_without_the_scope_sees_no_webhooks(member_client):
    hr = member_client(Role.HR)

    for address in (ENDPOINTS, DELIVERIES, EVENTS):
        assert hr.get(address).status_code == 403


@pytest.mark.parametrize("address", [DELIVERIES, EVENTS])
@pytest.mark.parametrize("named", ["event", "prefixed", "subject"])
def test_search_takes_an_id_as_one_has_it(client, delivery, theirs, address, named):
    text = {
        "event": delivery.event_id,
        "prefixed": delivery.event.public_id,
        "subject": delivery.subject_id,
    }[named]

    found = client.get(address, {"q": str(text)}).context["cl"].result_list

    assert len(found) == 1
    assert not client.get(address, {"q": "nonsense"}).context["cl"].result_list


def test_search_finds_nothing_of_another_organization(client, theirs):
    for address, text in (
        (DELIVERIES, theirs.pk),
        (DELIVERIES, theirs.event_id),
        (EVENTS, theirs.subject_id),
    ):
        response = client.get(address, {"q": str(text)})
        assert not response.context["cl"].result_list


def test_lists_filter_by_status_endpoint_and_event(client, delivery, theirs):
    for query in (
        {"status__exact": "pending"},
        {"endpoint__id__exact": delivery.endpoint_id},
        {"type": "department.created"},
    ):
        response = client.get(DELIVERIES, query)
        assert list(response.context["cl"].result_list) == [delivery]
    response = client.get(DELIVERIES, {"endpoint__id__exact": theirs.endpoint_id})
    assert not response.context["cl"].result_list


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("address", "queries"), [(DELIVERIES, 6), (EVENTS, 6)])
def test_lists_have_constant_queries(
    client, mine, count, address, queries, django_assert_num_queries, theirs
):
    EndpointFactory(**mine)
    DepartmentFactory.create_batch(count, **mine)
    kind = {"type": "department.created"}
    client.get(address, kind)  # the session's first request costs more

    with django_assert_num_queries(queries):
        response = client.get(address, kind)

    assert len(response.context["cl"].result_list) == count
