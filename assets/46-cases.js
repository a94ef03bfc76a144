/* The grid of cases: what its cells look like, and what of it the address remembers. Components, not expressions: no eval. */
(function () {
  "use strict";
  const el = function () { return window.React.createElement.apply(null, arguments); };
  const cells = (window.dashAgGridComponentFunctions = window.dashAgGridComponentFunctions || {});

  cells.CaseLink = function (props) {
    if (!props.data) return el("span", { className: "wait" }, "…");
    return el("a", { href: props.data.href, className: "case-id", title: props.value }, props.value);
  };
  cells.CaseText = function (props) {
    return props.data ? el("span", { title: props.value }, props.value) : null;
  };
  cells.CaseState = function (props) {
    if (!props.data) return null;
    const parts = [];
    if (props.data.overdue) {
      parts.push(el("svg", { key: "m", className: "sh f-off", viewBox: "0 0 12 12", "aria-hidden": "true" },
        el("path", { d: "M6 0 12 6 6 12 0 6Z", fill: "currentColor" })));
    }
    parts.push(el("span", { key: "w" }, props.value));
    if (props.data.suspect) parts.push(el("span", { key: "s", className: "tag late" }, props.data.suspect));
    const dress = props.data.overdue ? (props.data.open ? "st c-off" : "st c-off q") : "st q s2";
    return el("span", { className: dress }, parts);
  };

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.cases = {
    search: function (text) {
      const asked = new URLSearchParams(location.search);
      if ((asked.get("search") || "") === (text || "")) return window.dash_clientside.no_update;
      if (text) asked.set("search", text);
      else asked.delete("search");
      asked.delete("offset");
      asked.delete("open");
      return location.pathname + "?" + asked.toString();
    },
    remember: function (selected) {
      if (selected && selected.length) {
        const asked = new URLSearchParams(location.search);
        asked.set("open", selected[0].id);
        history.replaceState(history.state, "", location.pathname + "?" + asked.toString());
      }
      return window.dash_clientside.no_update;
    },
  };
})();
