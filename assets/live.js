/* Looks once a second whether anything on this board moved, puts it in its place and marks it briefly.
   A hidden page does not look; one that comes back looks at once. A page whose worker died says so by its own clock. */
(function () {
  "use strict";
  const LOOK = 1000, REFRESH = 60000, INTERVAL = 20000, LOST = 6000;
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let busy = false, key = "", since = -1, refreshed = Date.now(), answered = Date.now(), beat = 0, offset = 0, shown = {}, leaving = 0;
  const kept = new Map();

  function page() { return document.getElementById("page"); }

  function values(root) {
    return Array.from(root.querySelectorAll(".num"), function (el) { return el.textContent; });
  }

  function flash(el) {
    if (calm.matches) { el.classList.add("moved"); setTimeout(function () { el.classList.remove("moved"); }, 4000); return; }
    const tint = getComputedStyle(document.documentElement).getPropertyValue("--acc-t");
    el.animate([{ backgroundColor: tint }, { backgroundColor: tint, offset: 0.4 }, { backgroundColor: "transparent" }], 1200);
  }

  /* Parts are drawn here, not by the renderer: each new component there costs a pass over every other one on the page, seconds for
     a board. The renderer's own nodes are kept aside and put back before it draws anything again (a navigation). */
  const SVG = "http://www.w3.org/2000/svg", SKIP = { children: 1, style: 1, n_clicks: 1, key: 1 };

  function name(prop) {
    if (prop === "className") return "class";
    return prop === "viewBox" || prop.includes("-") ? prop : prop.replace(/^(stroke|text)([A-Z])/, function (all, head, next) {
      return head + "-" + next.toLowerCase();
    });
  }

  function draw(node) {
    if (node === null || node === undefined || node === false) return [];
    if (Array.isArray(node)) return node.flatMap(draw);
    if (typeof node !== "object") return [document.createTextNode(String(node))];
    const svg = node.namespace === "dash_svg", link = node.type === "Link";
    const el = svg ? document.createElementNS(SVG, node.type[0].toLowerCase() + node.type.slice(1))
      : document.createElement(link ? "a" : node.type.toLowerCase());
    if (link) el.dataset.go = "";
    for (const prop of Object.keys(node.props)) {
      if (!SKIP[prop] && node.props[prop] !== null) el.setAttribute(name(prop), node.props[prop]);
    }
    for (const rule of Object.keys(node.props.style || {})) {
      if (rule.startsWith("--")) el.style.setProperty(rule, node.props.style[rule]); else el.style[rule] = node.props.style[rule];
    }
    el.append(...draw(node.props.children));
    return [el];
  }

  function put(id, props, mark) {
    if (shown[id] === mark) return;
    const root = document.getElementById(id);
    if (!root) return;
    shown[id] = mark;
    const before = values(root);
    if (!kept.has(root)) kept.set(root, { nodes: null, attributes: {} });
    const own = kept.get(root);
    for (const prop of Object.keys(props)) {
      if (prop === "children") {
        if (own.nodes === null) own.nodes = Array.from(root.childNodes);
        root.replaceChildren(...draw(props.children));
      } else {
        const key = name(prop);
        if (!(key in own.attributes)) own.attributes[key] = root.getAttribute(key);
        root.setAttribute(key, props[prop]);
      }
    }
    root.dispatchEvent(new CustomEvent("live:put", { bubbles: true }));
    values(root).forEach(function (text, i) {
      if (before[i] !== undefined && before[i] !== text) flash(root.querySelectorAll(".num")[i]);
    });
  }

  function giveBack() {
    for (const [root, own] of kept) {
      if (own.nodes !== null) root.replaceChildren(...own.nodes);
      for (const key of Object.keys(own.attributes)) {
        if (own.attributes[key] === null) root.removeAttribute(key); else root.setAttribute(key, own.attributes[key]);
      }
    }
    kept.clear();
    leaving = Date.now();
  }
  window.addEventListener("_dashprivate_pushstate", giveBack, true);
  window.addEventListener("popstate", giveBack, true);
  document.addEventListener("click", function (event) {
    const link = event.target.closest && event.target.closest("a[data-go]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    history.pushState({}, "", link.getAttribute("href"));
    window.dispatchEvent(new CustomEvent("_dashprivate_pushstate"));
    window.scrollTo(0, 0);
  });

  /* Menus and focus survive: a part someone is using is replaced at the next look after they are done. */
  function inUse(id) {
    const root = document.getElementById(id), active = document.activeElement;
    return root && root.querySelector("details[open]") && root.contains(active);
  }

  async function look() {
    const here = page();
    if (!here || !here.dataset.board || document.hidden || busy) return;
    const where = here.dataset.token;
    if (where === key && leaving && Date.now() - leaving < 10000) return;
    if (where !== key || leaving) {
      key = where;
      leaving = 0;
      kept.clear();
      since = Number(here.dataset.since || -1);
      shown = JSON.parse(here.dataset.marks || "{}");
      refreshed = Date.now();
    }
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
        if (where === here.dataset.token && !leaving) {
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
