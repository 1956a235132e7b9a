// Draws the table of each figure[data-chart]: its rows are the points, its columns the series. When a table changes, its picture follows.
(() => {
  const drawn = new Map();
  const DASHES = [[], [7, 4], [2, 3], [10, 3, 2, 3], [5, 2]];

  // What Chart.js and the person have changed is not in what the server sends: a canvas's size, and what is open.
  const { callbacks } = Idiomorph.defaults;
  callbacks.beforeNodeMorphed = (node) => node.nodeName !== "CANVAS";
  callbacks.beforeAttributeUpdated = (name, node) => !(name === "open" && node.nodeName === "DETAILS");

  const read = (table) => {
    const heads = [...table.tHead.rows[0].cells].slice(1).map((cell) => cell.textContent);
    const rows = [...table.tBodies[0].rows];
    return {
      labels: rows.map((row) => row.cells[0].textContent),
      series: heads.map((name, column) => ({ name, values: rows.map((row) => valueOf(row.cells[column + 1])) })),
    };
  };

  function valueOf(cell) {
    const text = cell.textContent.replaceAll("\u202f", "");
    return text === "\u2013" ? null : Number(text);
  }

  const written = (value) => value.toLocaleString("en").replaceAll(",", "\u202f");

  // A long name on several lines, where the picture is narrow.
  function wrapped(text, length) {
    const lines = [""];
    for (const word of text.split(" ")) {
      const line = `${lines.at(-1)} ${word}`.trim();
      if (lines.at(-1) && line.length > length) lines.push(word);
      else lines[lines.length - 1] = line;
    }
    return lines;
  }

  function colours() {
    const style = getComputedStyle(document.documentElement);
    const named = (name) => style.getPropertyValue(name).trim();
    return { text: named("--tp-quiet"), line: named("--tp-line"), surface: named("--tp-surface"), strong: named("--bs-body-color"), series: [1, 2, 3, 4, 5].map((number) => named(`--tp-series-${number}`)) };
  }

  // A point between two gaps would be no line: it is a dot.
  function isAlone({ dataset, dataIndex: at }) {
    return dataset.data[at] !== null && (dataset.data[at - 1] ?? null) === null && (dataset.data[at + 1] ?? null) === null;
  }

  function looks(kind, number, palette) {
    const colour = palette.series[number % palette.series.length];
    if (kind !== "lines") return { backgroundColor: colour, borderColor: palette.surface, borderWidth: number ? { [kind === "rows" ? "left" : "bottom"]: 1 } : 0, borderSkipped: false, borderRadius: 2, maxBarThickness: 28, minBarLength: 0 };
    return {
      borderColor: colour, backgroundColor: colour, borderWidth: 2, borderDash: DASHES[number % DASHES.length], tension: 0.25, cubicInterpolationMode: "monotone",
      pointRadius: (point) => (isAlone(point) ? 3 : 0), pointHoverRadius: 4, pointHitRadius: 12,
    };
  }

  function dressed(chart, kind) {
    const palette = colours();
    chart.data.datasets.forEach((set, number) => Object.assign(set, looks(kind, number, palette)));
    for (const scale of Object.values(chart.options.scales)) {
      scale.ticks.color = palette.text;
      scale.grid.color = palette.line;
      scale.border = { color: palette.line };
    }
    chart.options.plugins.legend.labels.color = palette.strong;
    Object.assign(chart.options.plugins.tooltip, { backgroundColor: palette.strong, titleColor: palette.surface, bodyColor: palette.surface });
  }

  function options(kind) {
    const lies = kind === "rows";
    const values = { beginAtZero: true, suggestedMax: 4, stacked: kind !== "lines", ticks: { precision: 0, maxTicksLimit: 6, callback: written }, grid: {} };
    const names = { stacked: kind !== "lines", ticks: { maxRotation: 0, autoSkip: !lies, autoSkipPadding: 18, maxTicksLimit: lies ? 20 : 9 }, grid: { display: false } };
    if (lies) names.ticks.callback = function (value) { return wrapped(this.getLabelForValue(value), this.chart.width < 520 ? 16 : 40); };
    return {
      animation: false, responsive: true, maintainAspectRatio: false, indexAxis: lies ? "y" : "x", normalized: true,
      interaction: { mode: "index", axis: lies ? "y" : "x", intersect: false },
      scales: lies ? { x: values, y: names } : { x: names, y: values },
      plugins: { legend: { align: "start", labels: { usePointStyle: true, pointStyle: kind === "lines" ? "line" : "rectRounded", boxWidth: 26, boxHeight: 8 } }, tooltip: { padding: 10, cornerRadius: 8, usePointStyle: true, callbacks: { label: (item) => ` ${item.dataset.label}: ${written(item.raw)}` } } },
    };
  }

  function begin(canvas, kind) {
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    return new Chart(canvas, { type: kind === "lines" ? "line" : "bar", data: { labels: [], datasets: [] }, options: options(kind) });
  }

  function draw(figure) {
    const canvas = figure.querySelector("canvas");
    const table = figure.querySelector("table");
    if (!canvas || !table) return;
    const data = read(table);
    const known = drawn.get(canvas) ?? { chart: begin(canvas, figure.dataset.chart), said: "" };
    drawn.set(canvas, known);
    const said = JSON.stringify(data);
    if (said !== known.said) follow(known.chart, data, figure.dataset.chart);
    known.said = said;
  }

  // Not update("none"): Chart.js 4.6 leaves bars their old colours then. Nothing is animated anyway.
  function follow(chart, { labels, series }, kind) {
    chart.data.labels = labels;
    series.forEach(({ name, values }, number) => {
      chart.data.datasets[number] ??= {};
      Object.assign(chart.data.datasets[number], { label: name, data: values });
    });
    chart.data.datasets.length = series.length;
    dressed(chart, kind);
    chart.update();
  }

  function drawAll() {
    for (const [canvas, { chart }] of drawn) {
      if (canvas.isConnected) continue;
      chart.destroy();
      drawn.delete(canvas);
    }
    document.querySelectorAll("figure[data-chart]").forEach(draw);
  }

  function dressAll() {
    for (const [canvas, { chart }] of drawn) {
      dressed(chart, canvas.closest("figure").dataset.chart);
      chart.update();
    }
  }

  drawAll();
  document.body.addEventListener("htmx:afterSettle", drawAll);
  new MutationObserver(dressAll).observe(document.documentElement, { attributeFilter: ["data-bs-theme"] });
})();
