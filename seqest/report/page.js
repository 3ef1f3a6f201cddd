(function () {
  "use strict";
  const data = JSON.parse(document.getElementById("data").textContent);
  const style = (name) =>
    getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const narrow = matchMedia("(max-width: 30rem)");
  const config = () => ({
    responsive: true,
    displaylogo: false,
    displayModeBar: narrow.matches ? false : "hover",
    modeBarButtons: [["zoom2d", "pan2d", "zoomIn2d", "zoomOut2d", "resetScale2d", "toImage"]],
  });
  const hidden = new Set();
  let chosen = 0;
  let whole = false;

  function layout(more) {
    const axis = {
      gridcolor: style("--rule"),
      linecolor: style("--rule"),
      zerolinecolor: style("--rule"),
      tickfont: { size: 12 },
      automargin: true,
    };
    return {
      paper_bgcolor: "rgba(0,0,0,0)",
      plot_bgcolor: "rgba(0,0,0,0)",
      font: { color: style("--soft"), family: "system-ui, sans-serif", size: 12 },
      hoverlabel: {
        bgcolor: style("--card"),
        bordercolor: style("--rule"),
        font: { color: style("--ink"), size: 13 },
      },
      modebar: {
        bgcolor: "rgba(0,0,0,0)", color: style("--other"), activecolor: style("--ink"),
      },
      margin: { l: 48, r: 12, t: 30, b: 36 },
      hovermode: "closest",
      hoverdistance: 60,
      dragmode: "zoom",
      showlegend: true,
      legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" },
      xaxis: Object.assign({}, axis, { showgrid: false }, more.xaxis),
      yaxis: Object.assign({}, axis, more.yaxis),
    };
  }

  const shown = (value) =>
    value === null ? "–" : Number(value.toPrecision(4)).toLocaleString("en");

  // Curves of the forecast begin at the last row that is known.
  function after(curve, y) {
    const last = curve.history.y.length - 1;
    return { x: [curve.history.x[last]].concat(curve.mean.x), y: [curve.history.y[last]].concat(y) };
  }

  function bands(curve) {
    const traces = [];
    const levels = data.levels.slice().sort((a, b) => b - a);
    levels.forEach((level, k) => {
      if (hidden.has(level)) return;
      const own = after(curve, curve.bounds[level].lower);
      const upper = after(curve, curve.bounds[level].upper).y;
      const fill = k === levels.length - 1 ? style("--near") : style("--wide");
      const common = {
        x: own.x, mode: "lines", line: { width: 0, color: style("--blue") },
        hoverinfo: "skip", legendgroup: level,
      };
      traces.push(Object.assign({}, common, { y: own.y, showlegend: false }));
      traces.push(
        Object.assign({}, common, {
          y: upper, fill: "tonexty", fillcolor: fill, name: level + " %",
        })
      );
    });
    return traces;
  }

  function told(curve) {
    return curve.mean.y.map((value, k) => {
      const lines = ["<b>" + curve.mean.label[k] + "</b>", "forecast " + shown(value)];
      data.levels.forEach((level) => {
        const own = curve.bounds[level];
        lines.push(level + " %: " + shown(own.lower[k]) + " to " + shown(own.upper[k]));
      });
      return lines.join("<br>");
    });
  }

  function drawForecast() {
    const curve = data.curves[chosen];
    const many = curve.mean.x.length > 60;
    const n = curve.history.x.length;
    const recent = whole ? 0 : Math.max(0, n - Math.max(5 * curve.mean.x.length, 60));
    const ahead = after(curve, curve.mean.y);
    const traces = bands(curve).concat([
      {
        x: curve.history.x, y: curve.history.y, name: "history", mode: "lines",
        line: { color: style("--past"), width: 1.4 },
        text: curve.history.y.map((v, k) => "<b>" + curve.history.label[k] + "</b><br>" + shown(v)),
        hovertemplate: "%{text}<extra></extra>",
      },
      {
        x: ahead.x, y: ahead.y, name: "forecast",
        mode: many ? "lines" : "lines+markers",
        line: { color: style("--blue"), width: 2.6 }, marker: { size: 5 },
        text: ["<b>" + curve.history.label[n - 1] + "</b><br>" + shown(curve.history.y[n - 1])].concat(told(curve)),
        hovertemplate: "%{text}<extra></extra>",
      },
    ]);
    const last = curve.mean.x[curve.mean.x.length - 1];
    const near = { xaxis: { range: [curve.history.x[recent], last] }, yaxis: {} };
    Plotly.react("forecast", traces, layout(near), config());
  }

  function drawResiduals() {
    const own = data.curves[chosen].residuals;
    if (!own.x.length) return;
    const trace = {
      x: own.x, y: own.y, mode: "lines+markers", name: "error",
      line: { color: style("--other"), width: 1 },
      marker: { size: 3.5, color: style("--blue") },
      text: own.y.map((v, k) => "<b>" + own.label[k] + "</b><br>missed by " + shown(v)),
      hovertemplate: "%{text}<extra></extra>",
    };
    const plain = layout({ xaxis: {}, yaxis: { zeroline: true, zerolinecolor: style("--other") } });
    plain.showlegend = false;
    Plotly.react("residuals", [trace], plain, config());
  }

  function drawScores() {
    if (!data.scores.length) return;
    const dashes = ["dash", "dot", "dashdot", "longdash"];
    let others = 0;
    const traces = data.scores.map((own) => ({
      x: own.x, y: own.y, name: own.name, mode: "lines+markers",
      line: {
        color: own.own ? style("--blue") : style("--other"),
        width: own.own ? 2.6 : 1.6,
        dash: own.own ? "solid" : dashes[others++ % dashes.length],
      },
      marker: { size: own.x.length > 60 ? 1 : 6, symbol: own.own ? "circle" : "circle-open" },
      text: own.y.map((v, k) => own.name + "<br>" + own.x[k] + " ahead: " + own.metric + " " + shown(v)),
      hovertemplate: "%{text}<extra></extra>",
    }));
    const axes = {
      xaxis: { title: { text: "steps ahead" } },
      yaxis: { title: { text: data.scores[0].metric }, rangemode: "tozero" },
    };
    Plotly.react("scores", traces, layout(axes), config());
  }

  function drawAll() {
    drawForecast();
    drawResiduals();
    drawScores();
  }

  const select = document.getElementById("curve");
  if (select) {
    select.addEventListener("change", () => {
      chosen = Number(select.value);
      drawAll();
    });
  }
  document.querySelectorAll("input[data-level]").forEach((box) => {
    box.addEventListener("change", () => {
      if (box.checked) hidden.delete(box.dataset.level);
      else hidden.add(box.dataset.level);
      drawForecast();
    });
  });
  document.getElementById("whole").addEventListener("change", (event) => {
    whole = event.target.checked;
    drawForecast();
  });
  narrow.addEventListener("change", drawAll);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", drawAll);
  document.documentElement.classList.add("js");
  drawAll();
})();
