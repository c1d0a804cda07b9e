// Select2 names its boxes by the chosen value, so an empty one has no name: a screen
// reader hears nothing. Let each be named by the label of its field, then the value.
function nameBoxes() {
  for (const box of document.querySelectorAll(".select2-selection:not([data-named])")) {
    const field = box.closest(".select2-container").previousElementSibling;
    const label = field?.labels?.[0];
    const value = box.querySelector("[role=textbox]");
    if (!label || !value) continue;
    label.id ||= `${field.id}-label`;
    box.setAttribute("aria-labelledby", `${label.id} ${value.id}`);
    value.setAttribute("aria-labelledby", label.id);
    box.dataset.named = "yes";
  }
}

const changes = { childList: true, subtree: true };
new MutationObserver(nameBoxes).observe(document.documentElement, changes);
