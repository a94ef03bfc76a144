/* Language and theme of this browser: the address first, then the cookie, then what the system prefers. Remembered for a year. */
(function () {
  "use strict";
  function remembered(key) {
    const found = document.cookie.match(new RegExp("(?:^|; )" + key + "=([^;]*)"));
    return found ? found[1] : null;
  }
  function remember(key, value) {
    document.cookie = key + "=" + value + "; Path=/; Max-Age=31536000; SameSite=Lax";
    try { localStorage.setItem(key, value); } catch (error) { /* storage may be closed */ }
  }
  function apply() {
    const asked = new URLSearchParams(location.search);
    let theme = asked.get("theme") || remembered("theme");
    if (theme !== "dark" && theme !== "light") theme = matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
    const lang = asked.get("lang");
    if (remembered("theme") !== theme) remember("theme", theme);
    if ((lang === "en" || lang === "zh") && remembered("lang") !== lang) remember("lang", lang);
    const root = document.documentElement;
    root.dataset.theme = theme;
    root.dataset.mantineColorScheme = theme;
  }
  apply();
  window.addEventListener("popstate", apply);
  window.addEventListener("_dashprivate_pushstate", apply);

  /* An open menu closes when one looks elsewhere. */
  document.addEventListener("click", function (event) {
    for (const open of document.querySelectorAll("details.sel[open], .phone-bar details[open]")) {
      if (!open.contains(event.target) || event.target.closest("a")) open.open = false;
    }
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    for (const open of document.querySelectorAll("details.sel[open], .phone-bar details[open]")) {
      open.open = false;
      open.querySelector("summary").focus();
    }
  });

  /* What cannot be a link (a shape on the map) goes where it says; its link stands beside it for the keyboard. */
  document.addEventListener("click", function (event) {
    const shape = event.target.closest && event.target.closest("[data-href]");
    if (!shape) return;
    history.pushState({}, "", shape.dataset.href);
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
  });
})();
