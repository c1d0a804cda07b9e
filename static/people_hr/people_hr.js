// Progressive enhancement: every page works without this file.

/** Close a message: by its button, and by itself when it only says "done". */
const SECONDS_A_SUCCESS_STAYS = 7;

function dismissable(toast) {
  toast.querySelector(".dismiss")?.addEventListener("click", () => toast.remove());
  if (!toast.classList.contains("success")) return;
  const leave = () => {
    if (!toast.matches(":hover, :focus-within")) toast.remove();
  };
  const timer = () => setTimeout(leave, SECONDS_A_SUCCESS_STAYS * 1000);
  toast.addEventListener("pointerleave", timer);
  timer();
}

/** Say the messages that came with the page: live regions only tell what is added. */
function announce(region) {
  const toasts = [...region.children];
  region.replaceChildren();
  requestAnimationFrame(() => {
    region.append(...toasts);
    toasts.forEach(dismissable);
  });
}

const TYPING = "input, select, textarea, [contenteditable]";

/** "/" goes to the page's search field, as in most lists that people know. */
function focusSearch(event) {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest?.(TYPING)) return;
  const field = document.querySelector("[data-search]");
  if (!field) return;
  event.preventDefault();
  field.focus();
  field.select();
}

/** Arrow keys walk from the search field through the results and back. */
function walkResults(event) {
  if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
  const field = document.querySelector("[data-search]");
  const stops = [field, ...document.querySelectorAll("[data-result]")];
  const here = stops.indexOf(document.activeElement);
  if (!field || here < 0) return;
  const next = stops[here + (event.key === "ArrowDown" ? 1 : -1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** `data-opens="id"` opens a <dialog>; `data-closes` closes the one around it. */
function openDialog(event) {
  const opener = event.target.closest?.("[data-opens]");
  if (opener) document.getElementById(opener.dataset.opens)?.showModal();
  if (event.target.closest?.("[data-closes]")) event.target.closest("dialog")?.close();
}

/** A form is sent once, however often its button is pressed. */
function sendOnce(event) {
  const form = event.target;
  if (form.method !== "post" || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
}

/** Coming back by the browser's back button, the form may be sent again. */
function allowSending() {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
  }
}

/** `data-copies="id"` puts the text of a field into the clipboard, and says so. */
async function copyText(event) {
  const button = event.target.closest?.("[data-copies]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copies);
  field.select();
  await navigator.clipboard?.writeText(field.value);
  button.textContent = button.dataset.copied;
}

/** Fields that are left empty stay out of the address. */
function leaveOutEmpty(event) {
  if (event.detail.verb !== "get") return;
  for (const [name, value] of [...event.detail.formData]) {
    if (value === "") event.detail.formData.delete(name);
  }
}

/** What is marked `data-brought` lies within view, in a box that scrolls sideways. */
function bringIntoView(element) {
  element.scrollIntoView({ behavior: "instant", block: "nearest", inline: "center" });
}

document.querySelectorAll(".toasts").forEach(announce);
document.querySelectorAll("[data-brought]").forEach(bringIntoView);
document.addEventListener("keydown", focusSearch);
document.addEventListener("keydown", walkResults);
document.addEventListener("click", openDialog);
document.addEventListener("click", copyText);
document.addEventListener("submit", sendOnce);
document.addEventListener("htmx:configRequest", leaveOutEmpty);
window.addEventListener("pageshow", allowSending);
