/* Looks once a second whether anything on this board moved, puts it in its place and marks it briefly.
   A hidden page does not look; one that comes back looks at once. A page whose worker died says so by its own clock. */
(function () {
  "use strict";
  const LOOK = 1000, REFRESH = 60000, INTERVAL = 20000, LOST = 6000;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let busy = false, key = "", since = -1, refreshed = Date.now(), answered = Date.now(), beat = 0, offset = 0, shown = {};

  function page() { return document.getElementById("page"); }

  function values(root) {
    return Array.from(root.querySelectorAll(".num"), function (el) { return el.textContent; });
  }

  function flash(el) {
    if (calm.matches) { el.classList.add("moved"); setTimeout(function () { el.classList.remove("moved"); }, 4000); return; }
    const tint = getComputedStyle(document.documentElement).getPropertyValue("--acc-t");
    el.animate([{ backgroundColor: tint }, { backgroundColor: tint, offset: 0.4 }, { backgroundColor: "transparent" }], 1200);
  }

  function put(id, props, mark) {
    if (shown[id] === mark) return;
    const root = document.getElementById(id);
    if (!root) return;
    shown[id] = mark;
    const before = values(root);
    window.dash_clientside.set_props(id, props);
    setTimeout(function () {
      const now = document.getElementById(id);
      if (!now) return;
      now.querySelectorAll(".num").forEach(function (el, i) {
        if (before[i] !== undefined && before[i] !== el.textContent) flash(el);
      });
    }, 60);
  }

  /* Menus and focus survive: a part someone is using is replaced at the next look after they are done. */
  function inUse(id) {
    const root = document.getElementById(id), active = document.activeElement;
    return root && root.querySelector("details[open]") && root.contains(active);
  }

  async function look() {
    const here = page();
    if (!here || !here.dataset.board || document.hidden || busy) return;
    const where = here.dataset.board + "?" + (here.dataset.query || "");
    if (where !== key) { key = where; since = Number(here.dataset.since || -1); shown = JSON.parse(here.dataset.marks || "{}"); refreshed = Date.now(); }
    const again = Date.now() - refreshed > REFRESH;
    if (again) refreshed = Date.now();
    busy = true;
    try {
      const query = new URLSearchParams(here.dataset.query || "");
      query.set("board", here.dataset.board);
      query.set("since", again ? -1 : since);
      query.set("path", location.pathname);
      const answer = await fetch("/live?" + query, { cache: "no-store", credentials: "same-origin" });
      if (answer.status === 401) { location.reload(); return; }
      if (!answer.ok) return;
      answered = Date.now();
      offset = Number(answer.headers.get("X-Server-Time")) - Date.now();
      beat = Number(answer.headers.get("X-Heartbeat"));
      if (answer.status === 200) {
        const body = await answer.json();
        if (where === here.dataset.board + "?" + (here.dataset.query || "")) {
          since = Math.max(since, body.revision);
          here.dataset.seen = String(body.revision);
          for (const id of Object.keys(body.set)) if (!inUse(id)) put(id, body.set[id], body.marks[id]);
        }
      }
    } catch (error) { /* the clock below says how long nothing was heard */ } finally {
      busy = false;
      judge();
    }
  }

  function judge() {
    const here = page();
    if (!here || !here.dataset.board) return;
    const silent = Date.now() - answered, age = beat ? Date.now() + offset - beat : 0;
    const offline = silent > LOST, stalled = offline || age > 2 * INTERVAL;
    here.classList.toggle("late", !stalled && age > INTERVAL);
    here.classList.toggle("stalled", stalled);
    const note = document.getElementById("stall");
    if (note) {
      const words = stalled ? (offline ? note.dataset.offline : note.dataset.stalled) : "";
      if (note.textContent !== words) note.textContent = words;
    }
  }

  (function again() {
    const here = page();
    look();
    if (!document.hidden) judge();
    setTimeout(again, Number(here && here.dataset.poll) || LOOK);
  })();
  document.addEventListener("visibilitychange", function () { if (!document.hidden) { answered = Date.now(); look(); } });

  /* The map says what is under the pointer. */
  document.addEventListener("pointerover", function (event) {
    const tip = document.getElementById("map-tip");
    if (!tip || !event.target.closest) return;
    const shape = event.target.closest("[data-tip]");
    tip.textContent = shape ? shape.dataset.tip : "";
  });
})();
