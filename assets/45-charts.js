/* Charts: the values of the CSS tokens are put into a figure when it is painted, and again when the theme changes; pictures to take
   away are always light, and carry what a reader needs to know where the figures come from. */
(function () {
  "use strict";
  const drawn = new Map(); // id of the graph's element -> the figure as the server gave it
  const CELL = /^var\((--[\w-]+)\)$/;

  function paint(figure, styles) {
    if (typeof figure === "string") {
      const token = CELL.exec(figure);
      return token ? styles.getPropertyValue(token[1]).trim() : figure;
    }
    if (Array.isArray(figure)) return figure.map((part) => paint(part, styles));
    if (figure && typeof figure === "object") {
      const painted = {};
      for (const key of Object.keys(figure)) painted[key] = paint(figure[key], styles);
      return painted;
    }
    return figure;
  }

  function fitted(figure, width) {
    if (width > 560 || !figure.layout.margin || figure.layout.margin.r < 60) return figure;
    const layout = Object.assign({}, figure.layout);
    layout.margin = Object.assign({}, layout.margin, { l: 42, r: 84 });
    const ticks = layout.xaxis && layout.xaxis.tickvals;
    if (ticks && ticks.length > 4) {
      const keep = (_, i) => (ticks.length - 1 - i) % Math.ceil(ticks.length / 3) === 0;
      layout.xaxis = Object.assign({}, layout.xaxis, {
        tickvals: ticks.filter(keep), ticktext: layout.xaxis.ticktext.filter(keep),
      });
    }
    return { data: figure.data, layout: layout };
  }

  function now(figure) {
    return fitted(paint(figure, getComputedStyle(document.documentElement)), window.innerWidth);
  }

  function light(figure) {
    const root = document.documentElement;
    const theme = root.getAttribute("data-theme");
    root.setAttribute("data-theme", "light");
    const painted = paint(figure, getComputedStyle(root));
    if (theme === null) root.removeAttribute("data-theme");
    else root.setAttribute("data-theme", theme);
    return painted;
  }

  function elementId(id) {
    if (typeof id === "string") return id;
    return JSON.stringify(id, Object.keys(id).sort());
  }

  window.dash_clientside = window.dash_clientside || {};
  window.dash_clientside.charts = {
    paint: function (figure) {
      if (!figure) return window.dash_clientside.no_update;
      drawn.set(elementId(window.dash_clientside.callback_context.outputs_list.id), figure);
      return now(figure);
    },
  };

  function repaint() {
    for (const [id, figure] of drawn) {
      const host = document.getElementById(id);
      const plot = host && host.querySelector(".js-plotly-plot");
      if (!plot) {
        drawn.delete(id);
        continue;
      }
      const painted = now(figure);
      window.Plotly.react(plot, painted.data, painted.layout);
    }
  }

  /* New values of a graph, put there by the live answer: <div data-graph="id of the graph" data-values="the figure">. */
  document.addEventListener("live:put", function (event) {
    const data = event.target.dataset;
    if (!data.graph || !data.values || !window.Plotly) return;
    drawn.set(data.graph, JSON.parse(data.values));
    repaint();
  });
  let theme = document.documentElement.getAttribute("data-theme");
  new MutationObserver(function () {
    const next = document.documentElement.getAttribute("data-theme");
    if (next === theme) return;
    theme = next;
    repaint();
  }).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });

  /* <button data-png="id of the graph" data-file data-title data-lines="one\ntwo"> */
  document.addEventListener("click", async function (event) {
    const button = event.target.closest && event.target.closest("[data-png],[data-figure]");
    if (!button) return;
    const figure = button.dataset.figure ? JSON.parse(button.dataset.figure) : drawn.get(button.dataset.png);
    if (!figure || !window.Plotly) return;
    const painted = light(figure);
    const lines = (button.dataset.lines || "").split("\n");
    if (button.dataset.code) {
      /* The code under which the number is found again; a picture is not kept back where there is none. */
      const answer = await fetch(button.dataset.code).catch(function () { return null; });
      const code = answer && answer.ok ? (await answer.text()).trim() : "";
      if (code) lines.push(button.dataset.codeWords + " " + code);
    }
    const width = Number(button.dataset.width || 1200);
    const height = Number(button.dataset.height || 560);
    const margin = Object.assign({}, painted.layout.margin);
    margin.t = (margin.t || 0) + 44;
    margin.b = (margin.b || 0) + 18 * lines.length + 16;
    const words = { xref: "paper", yref: "paper", xanchor: "left", showarrow: false, align: "left" };
    const layout = Object.assign({}, painted.layout, {
      width: width, height: height, margin: margin, autosize: false, paper_bgcolor: "#FFFFFF",
      annotations: (painted.layout.annotations || []).concat([
        Object.assign({}, words, {
          x: 0, y: 1, yanchor: "bottom", yshift: 22, xshift: -margin.l + 14, text: "<b>" + button.dataset.title + "</b>",
          font: { size: 16, color: "#15202B" },
        }),
        Object.assign({}, words, {
          x: 0, y: 0, yanchor: "top", yshift: -30, xshift: -margin.l + 14, text: lines.join("<br>"),
          font: { size: 11, color: "#5F6B78" },
        }),
      ]),
    });
    const url = await window.Plotly.toImage({ data: painted.data, layout: layout }, { format: "png", width: width, height: height, scale: 2 });
    const said = [button.dataset.title].concat(lines).join("\n");
    const link = document.createElement("a");
    link.href = URL.createObjectURL(window.yunchaPicture(url, "Description", said));
    link.download = button.dataset.file;
    document.body.appendChild(link);
    link.click();
    link.remove();
    setTimeout(function () { URL.revokeObjectURL(link.href); }, 60000);
  });

  document.addEventListener("click", function (event) {
    const button = event.target.closest && event.target.closest("[data-copy-link]");
    if (button && navigator.clipboard) {
      navigator.clipboard.writeText(location.href).then(function () {
        const before = button.textContent;
        button.textContent = button.dataset.copyLink;
        setTimeout(function () { button.textContent = before; }, 1600);
      });
    }
    if (event.target.closest && event.target.closest("[data-print]")) window.print();
  });
})();
