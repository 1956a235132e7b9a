// Menus, tabs and warnings inside of what changes while it is shown.

// What is shown once is not closed by mistake: the first time, the page asks.
function guarded() {
  const closing = document.querySelector("[data-once] [data-closing]");
  return closing?.hidden ? closing : null;
}

function ask(closing) {
  closing.hidden = false;
  closing.parentElement.querySelector("[data-open]").hidden = true;
  closing.querySelector("[data-stay]").focus();
}

document.addEventListener(
  "click",
  (event) => {
    const closing = event.target.closest("[data-close]:not([data-sure])") && guarded();
    if (closing) {
      event.preventDefault();
      event.stopPropagation();
      return ask(closing);
    }
    const stay = event.target.closest("[data-stay]")?.closest("[data-closing]");
    if (!stay) return;
    stay.hidden = true;
    const open = stay.parentElement.querySelector("[data-open]");
    open.hidden = false;
    open.querySelector("[data-close]").focus();
  },
  true,
);
// Escape.
document.addEventListener(
  "cancel",
  (event) => {
    const closing = guarded();
    if (!closing) return;
    event.preventDefault();
    ask(closing);
  },
  true,
);
addEventListener("beforeunload", (event) => guarded() && event.preventDefault());

// Tabs that came after the page are reached by arrow keys too.
document.body.addEventListener("htmx:afterSettle", () => {
  for (const tab of document.querySelectorAll("[data-bs-toggle=tab]")) bootstrap.Tab.getOrCreateInstance(tab);
});

// A list with an open menu waits; who has chosen from a menu is back at its button when the dialog closes. While something
// is shown once, all wait: a session that has ended would lead away from it.
const inUse = (element) => element.querySelector(".dropdown-menu.show");
document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.matches("[data-live]") && (inUse(event.detail.elt) || guarded())) event.preventDefault();
});
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.elt.matches("[data-live]") && inUse(event.detail.elt)) event.detail.shouldSwap = false;
});
document.addEventListener("hidden.bs.dropdown", (event) => {
  const menu = event.target.parentElement.querySelector(".dropdown-menu");
  if (menu?.contains(document.activeElement)) event.target.focus();
});
