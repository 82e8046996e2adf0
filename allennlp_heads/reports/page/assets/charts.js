// Charts: Vega-Lite specifications, drawn as SVG by Vega.

const LEGEND_COLUMN = 170;
const charts = [];

async function drawChart(figure) {
  const { usermeta = {}, ...spec } = dataOf(figure);
  const title = figure.querySelector("h4").textContent;
  const about = figure.querySelector(".description");
  const target = html("div");
  const box = scrolling({}, target);
  figure.querySelector(".drawn").append(box);
  const chart = { least: usermeta.leastWidth || 0, box };
  const width = chartWidth(chart);
  // a signal of its own: one that followed the width while it is fitted would cut the legend off
  const params = [...(spec.params || []), { name: "legendColumns", value: columnsIn(width) }];
  const description = `${title}. ${about ? about.textContent : ""}`;
  const { view } = await vegaEmbed(
    target,
    { ...spec, width, params, description },
    {
      actions: false, config: chartConfig(), renderer: "svg", tooltip: { theme: "light" },
      ast: true, // expressions are walked through, for the page allows no code made from text
    },
  );
  chart.view = view;
  markMore(box);
  charts.push(chart);
  const bar = downloads(figure, title, async () => view.toSVG());
  bar.append(numbers(spec));
}

// A place that scrolls is to be reached by keyboard too.
function chartWidth(chart) {
  const width = Math.max(room(), chart.least);
  if (width > room()) chart.box.tabIndex = 0;
  else chart.box.removeAttribute("tabindex");
  return Math.min(width, Math.max(chart.least, 860));
}

function columnsIn(width) {
  return Math.max(1, Math.floor(width / LEGEND_COLUMN));
}

function chartConfig() {
  const legend = { ...look.config.legend, columns: { signal: "legendColumns" } };
  return { ...look.config, legend };
}

async function resizeCharts() {
  for (const chart of charts) {
    const width = chartWidth(chart);
    await chart.view.signal("legendColumns", columnsIn(width)).width(width).resize().runAsync();
    markMore(chart.box);
  }
}

// The numbers of a chart as a table, made when it is asked for.
function numbers(spec) {
  const place = html("details", {}, html("summary", {}, "Numbers"));
  place.addEventListener("toggle", () => {
    if (place.children.length > 1) return;
    const columns = tooltips(spec);
    const head = columns.map(({ title }) => html("th", { scope: "col" }, html("bdi", {}, title)));
    const rows = spec.data.values.map((row) => html("tr", {}, ...columns.map(({ field }) => {
      const number = typeof row[field] === "number";
      return html("td", number ? { class: "number" } : {}, html("bdi", {}, shown(row[field])));
    })));
    const table = html(
      "table", {}, html("thead", {}, html("tr", {}, ...head)), html("tbody", {}, ...rows),
    );
    place.append(scrolling({ tabindex: 0 }, table));
  });
  return place;
}

function tooltips(spec) {
  const found = [spec, ...(spec.layer || [])].find((one) => one.encoding && one.encoding.tooltip);
  if (found) return found.encoding.tooltip;
  return Object.keys(spec.data.values[0] || {}).map((field) => ({ field, title: field }));
}
