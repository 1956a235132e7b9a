// What HTML and htmx cannot do by themselves. Nothing that is shown once stays behind: not in the page, not in memory.
const dialog = document.getElementById("dialog");

function emptied() {
  dialog?.replaceChildren();
}

if (dialog) {
  document.body.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== dialog || !dialog.childElementCount) return;
    if (!dialog.open) dialog.showModal();
    (dialog.querySelector("[autofocus], .is-invalid") ?? dialog.querySelector("input:not([type=hidden]), select, textarea, .btn-primary"))?.focus();
  });
  // A page that has shown something once is loaded anew: nothing of it stays in its memory either.
  dialog.addEventListener("close", () => {
    const once = dialog.querySelector("[data-once]");
    emptied();
    if (once) location.reload();
  });
}

// A page that is left or put aside takes nothing along that was shown once.
addEventListener("pagehide", () => {
  for (const once of document.querySelectorAll("[data-once]")) once.replaceChildren();
  emptied();
  dialog?.close();
});

document.addEventListener("click", (event) => {
  const close = event.target.closest("[data-close]");
  if (close && !close.href) return close.closest("dialog") ? close.closest("dialog").close() : history.back();
  const copy = event.target.closest("[data-copy]");
  if (copy) return copyText(copy);
});

async function copyText(button) {
  const source = document.getElementById(button.dataset.copy);
  const label = button.querySelector("[data-copied]");
  try {
    await navigator.clipboard.writeText(source.textContent);
    label.textContent = "Copied";
  } catch {
    getSelection().selectAllChildren(source);
    label.textContent = "Press Ctrl+C";
  }
  setTimeout(() => (label.textContent = "Copy"), 2000);
}

// What shows itself anew waits while nobody looks, and says that it is automatic: it keeps no session from ending.
document.body.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.elt.matches("[data-live]")) event.detail.headers["X-Automatic"] = "1";
});
document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.matches("[data-live]") && document.hidden) event.preventDefault();
});

// What a person has opened stays open when the part around it is shown anew.
Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => !(name === "open" && node.matches("details"));

// A message for the page is not seen behind an open dialog. What shows itself anew closes none, and tells of a trouble once.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { target, requestConfig, serverResponse } = event.detail;
  if (target.id !== "messages") return;
  if (requestConfig.elt.matches("[data-live]")) event.detail.shouldSwap = !isShown(target, serverResponse);
  else if (dialog?.open && dialog.querySelector(".dialog-head")) dialog.close();
});

function isShown(messages, html) {
  const text = new DOMParser().parseFromString(html, "text/html").body.textContent.trim();
  return [...messages.children].some((message) => message.textContent.trim() === text);
}

// A list that follows a form: the address follows too, and so does what shows the list anew.
document.body.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt;
  if (!form.matches?.("form[data-keep-address]") || !event.detail.successful) return;
  const asked = [...new FormData(form)].filter(([, value]) => value !== "");
  const address = new URL(form.getAttribute("action"), location); // a field may be called action
  address.search = new URLSearchParams(asked);
  history.replaceState(null, "", address);
  const list = event.detail.target;
  list.setAttribute("hx-get", address.pathname + address.search);
  htmx.process(list);
});

// What was asked before the list followed its form is of another list: it is not shown.
document.body.addEventListener("htmx:beforeSwap", (event) => {
  const { elt, path } = event.detail.requestConfig;
  if (elt.matches("[data-live]") && path !== elt.getAttribute("hx-get")) event.detail.shouldSwap = false;
});

// The end of a connection is told once, and its return too.
document.body.addEventListener("htmx:sendError", () => document.body.classList.add("is-cut-off"));
document.body.addEventListener("htmx:afterOnLoad", () => document.body.classList.remove("is-cut-off"));
