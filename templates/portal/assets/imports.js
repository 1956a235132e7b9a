// A file goes to the service twice: to be looked at, and to be imported. It is sent once, however often one clicks.
const form = document.getElementById("import");
const file = document.getElementById("file");
const wrong = document.getElementById("wrong-file");
const MESSAGES = {
  large: "This file is larger than 4 MiB: divide it.",
  changed: "This file was changed after you chose it: choose it again.",
};

function refuse(message) {
  wrong.textContent = message;
  file.setCustomValidity(message);
  file.classList.toggle("is-invalid", Boolean(message));
}

// What is previewed is what the form holds: another choice takes the preview away.
function forget() {
  if (form.dataset.sent) return;
  document.getElementById("preview").replaceChildren();
}

async function isReadable() {
  try {
    await file.files[0]?.slice(0, 1).arrayBuffer();
    return true;
  } catch {
    file.value = "";
    refuse(MESSAGES.changed);
    return false;
  }
}

file.addEventListener("change", () => {
  refuse(file.files[0]?.size > Number(form.dataset.largest) ? MESSAGES.large : "");
  forget();
});
document.getElementById("text").addEventListener("input", forget);

function busy(is) {
  form.dataset.sent = is ? "yes" : "";
  for (const id of ["import-button", "preview-button"]) {
    const button = document.getElementById(id);
    if (button) button.disabled = is;
  }
}

function follow() {
  const progress = document.getElementById("progress");
  progress.hidden = false;
  progress.setAttribute("hx-get", progress.dataset.progress);
  progress.setAttribute("hx-trigger", "load, every 1s");
  htmx.process(progress);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (form.dataset.sent || !document.getElementById("import-button")) return;
  busy(true);
  if (!(await isReadable())) return busy(false);
  follow();
  form.submit();
});

document.body.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.id === "preview-button" && wrong.textContent) event.preventDefault();
});
document.body.addEventListener("htmx:sendError", async (event) => {
  if (event.detail.elt.id === "preview-button" && !(await isReadable())) document.body.classList.remove("is-cut-off");
});

// When it is over, the import cannot be sent again; another file can be looked at.
document.body.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id !== "progress" || !document.querySelector("#progress [data-over]")) return;
  busy(false);
  document.getElementById("import-button")?.remove();
});
addEventListener("pageshow", (event) => event.persisted && busy(false));
