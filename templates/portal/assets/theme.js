// Dark or light: what the person chose on this device, else what the device says. Before anything is painted.
(() => {
  const wishes = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    const chosen = localStorage.getItem("theme");
    document.documentElement.dataset.bsTheme = chosen ?? (wishes.matches ? "dark" : "light");
  };
  apply();
  wishes.addEventListener("change", apply);
  addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-theme-toggle]")) return;
    const other = document.documentElement.dataset.bsTheme === "dark" ? "light" : "dark";
    if ((other === "dark") === wishes.matches) localStorage.removeItem("theme");
    else localStorage.setItem("theme", other);
    apply();
    dispatchEvent(new Event("themechange"));
  });
})();
