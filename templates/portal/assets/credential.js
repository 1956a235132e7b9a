// The diagnosis asks name servers, so it is made seldom; but at once when something has happened.
const happened = () => [...document.querySelectorAll("[data-signature]")].map((each) => each.dataset.signature).join("|");
let known = happened();
document.body.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target.id === "settings") showOwnKind();
  if (!event.detail.target.querySelector("[data-signature]")) return;
  const now = happened();
  if (known !== now) htmx.trigger("#diagnosis", "refresh");
  known = now;
});

// Tabs are reached by arrow keys. The settings begin with those of the PBX at hand, once it has said what it is.
function showOwnKind() {
  for (const each of document.querySelectorAll("#settings [role=tab]")) bootstrap.Tab.getOrCreateInstance(each);
  const kind = document.querySelector("[data-pbx]")?.dataset.pbx;
  const tab = kind && document.getElementById(`tab-${kind}`);
  if (tab) bootstrap.Tab.getOrCreateInstance(tab).show();
}
