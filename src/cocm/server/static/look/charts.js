// Draws Vega-Lite charts from the JSON beside them. Vega is fetched only where a page has a chart; its expressions are
// interpreted and not evaluated (ast), as the content security policy asks. Without it the table stays open instead.
"use strict";

(() => {
  const addresses = document.currentScript.dataset;
  let loading;

  function load() {
    loading ??= [addresses.vega, addresses.vegaLite, addresses.vegaInterpreter].reduce(
      (before, address) => before.then(() => new Promise((done, failed) => {
        const script = document.createElement("script");
        script.src = address;
        script.onload = done;
        script.onerror = () => failed(new Error(`not loaded: ${address}`));
        document.head.append(script);
      })), Promise.resolve());
    return loading;
  }

  function config() {
    const style = getComputedStyle(document.documentElement);
    const probe = document.createElement("span");
    document.body.append(probe);
    const colour = (name) => { probe.style.color = `var(${name})`; return getComputedStyle(probe).color; };
    const [text, muted, line, surface] = ["--look-text", "--look-muted", "--look-line", "--look-surface"].map(colour);
    const series = [1, 2, 3, 4, 5, 6].map((number) => colour(`--look-series-${number}`));
    const attention = colour("--look-attention");
    probe.remove();
    const font = style.getPropertyValue("--bs-font-sans-serif") || "sans-serif";
    return {
      background: "transparent", font, padding: 4,
      view: { stroke: null },
      axis: { labelColor: muted, titleColor: muted, gridColor: line, domainColor: line, tickColor: line, labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal" },
      axisX: { grid: false },
      legend: { labelColor: text, titleColor: muted, labelFontSize: 12, titleFontSize: 12, titleFontWeight: "normal", orient: "top" },
      title: { color: text }, header: { labelColor: text, titleColor: muted },
      text: { color: text, fontSize: 12 },
      rule: { color: attention },
      point: { filled: true, size: 56 }, line: { strokeWidth: 2 },
      mark: { color: series[0] }, bar: { color: series[0] },
      range: { category: series },
      style: { target: { stroke: attention, strokeDash: [4, 3] }, surface: { fill: surface } },
    };
  }

  async function draw(figure) {
    const data = figure.querySelector("script[type='application/json']");
    const space = figure.querySelector("[data-chart]");
    const spec = JSON.parse(data.textContent);
    await load();
    space.hidden = false;
    spec.$schema = "https://vega.github.io/schema/vega-lite/v6.json";
    spec.width ??= "container";
    spec.autosize ??= { type: "fit-x", contains: "padding" };
    const compiled = vegaLite.compile(spec, { config: config() }).spec;
    const runtime = vega.parse(compiled, null, { ast: true });
    figure.vegaView?.finalize();
    space.replaceChildren();
    const view = new vega.View(runtime, { expr: vegaInterpreter.expressionInterpreter, renderer: "svg", container: space, hover: false });
    view.tooltip(() => {});
    figure.vegaView = view;
    await view.runAsync();
    space.querySelector("svg")?.setAttribute("aria-hidden", "true");
    figure.dataset.drawn = "yes";
    figure.querySelector("[data-chart-table]")?.removeAttribute("open");
  }

  async function drawAll(within) {
    for (const figure of within.querySelectorAll("figure.chart")) {
      try { await draw(figure); } catch (error) { console.error(`chart ${figure.id}: ${error.message}`); }
    }
  }

  drawAll(document);
  document.addEventListener("htmx:afterSwap", (event) => drawAll(event.target));
  document.addEventListener("look:theme", () => drawAll(document));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => drawAll(document));
})();
