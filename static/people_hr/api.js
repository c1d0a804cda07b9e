// Sends the API pages' forms with the method they name and shows the answer in place.

function csrfHeader() {
  const field = document.getElementById("csrf");
  return field ? { [field.dataset.header]: field.value } : {};
}

function requestOf(form, method) {
  const headers = { Accept: "text/html", ...csrfHeader() };
  if (form.dataset.etag) headers["If-Match"] = form.dataset.etag;
  const body = form.elements._content?.value;
  if (body === undefined) return { method, headers };
  headers["Content-Type"] = form.elements._content_type?.value || "application/json";
  return { method, headers, body };
}

/** Show the answer's page in place of this one's, keeping the frame around it. */
function show(html) {
  const answer = new DOMParser().parseFromString(html, "text/html");
  const fresh = answer.getElementById("content");
  const page = document.getElementById("content");
  if (!fresh) {
    window.location.reload();
    return;
  }
  document.title = answer.title;
  page.replaceChildren(...fresh.childNodes);
  page.focus();
  window.scrollTo({ top: 0 });
}

async function send(event) {
  const form = event.target;
  const method = event.submitter?.dataset.method || form.dataset.method;
  if (!method) return;
  event.preventDefault();
  form.closest("dialog")?.close();
  const answer = await fetch(form.action, requestOf(form, method));
  show(await answer.text());
}

document.addEventListener("submit", send);
