// What several maps have in figures: a sentence, two tables, and two charts, which Plotly draws once it is loaded.

// A number with a minus of its own, and none before zero.
function written(value, digits = 2) {
  const text = Math.abs(value).toFixed(digits);
  return value < 0 && Number(text) ? `−${text}` : text;
}

const difference = ({ insertion, deletion }) => insertion - deletion;

// Which map is most faithful, and which two are most and least alike, in a sentence.
function likenessText({ maps, correlations, one_measure: oneMeasure }) {
  const best = maps.reduce((a, b) => (difference(b) > difference(a) ? b : a));
  const pairs = maps.flatMap((a, i) => maps.slice(i + 1).map((b, j) => ({ names: `${a.name} and ${b.name}`, value: correlations[i][i + 1 + j] })));
  const known = pairs.filter(({ value }) => value != null).sort((a, b) => b.value - a.value);
  const first = !oneMeasure ? "These maps hide different things or ask different models, so their insertion and deletion do not say which is better." : `By insertion minus deletion, ${best.name} is the most faithful here (${written(difference(best))}).`;
  if (!known.length) return first;
  const [most, least] = [known[0], known[known.length - 1]];
  if (most === least) return `${first} The orders of ${most.names} have a rank correlation of ${written(most.value)} (1 is the same order, 0 is chance).`;
  return `${first} The orders of ${most.names} are most alike (rank correlation ${written(most.value)}), those of ${least.names} least (${written(least.value)}).`;
}

function tableOf(rows) {
  const table = element("table");
  table.append(...rows.map((cells, place) => {
    const line = element("tr");
    line.append(...cells.map((text, column) => {
      const head = place === 0 || column === 0;
      const cell = element(head ? "th" : "td", "", text);
      if (head) cell.scope = place === 0 ? "col" : "row";
      return cell;
    }));
    return line;
  }));
  return table;
}

// What is to be known of the figures: what was saved, and what "pointing" is where there is any.
function notesOn({ maps, asked, saved, usual_says: usual }) {
  const notes = [...(usual ? [usual] : []), `Asked ${asked} masks for these maps and their figures; ${saved} more were known already and not asked again.`];
  if (maps.some(({ pointing }) => pointing != null)) {
    notes.push("Pointing: how much of a map's top region lies on what the words name. It is known here, since the scene was drawn with its answer key.");
  }
  return notes;
}

function figuresTable(maps) {
  const points = maps.some(({ pointing }) => pointing != null);
  const cost = ({ asked, remembered, seconds, known }) => (known ? ["shown already", "", ""] : [String(asked), String(remembered), seconds.toFixed(1)]);
  const truth = ({ pointing }) => (points ? [pointing == null ? "none" : partText(pointing)] : []);
  const rows = maps.map((one) => [one.name, ...truth(one), ...[difference(one), one.insertion, one.deletion].map((value) => written(value, 3)), ...cost(one)]);
  const made = element("div", "wide");
  made.tabIndex = 0; // so that keys scroll it
  made.role = "group";
  made.ariaLabel = "Figures of each map";
  made.append(tableOf([["Map", ...(points ? ["Pointing"] : []), "Difference", "Insertion", "Deletion", "Masks asked", "Remembered", "Seconds"], ...rows]));
  return made;
}

function correlationTable({ maps, correlations }) {
  const rows = maps.map((one, i) => [one.name, ...correlations[i].map((value) => (value == null ? "none" : written(value)))]);
  const made = element("details");
  made.append(element("summary", "", "The rank correlations as a table"), tableOf([["Rank correlation", ...maps.map((one) => one.name)], ...rows]));
  return made;
}

// Gives a function that draws both charts of a comparison, with the script at `address`.
function chartsView(address) {
  let loading = null;
  const load = () => {
    loading ||= new Promise((done, failed) => {
      if (window.Plotly) return done(window.Plotly);
      const script = element("script");
      script.src = address;
      script.addEventListener("load", () => done(window.Plotly));
      script.addEventListener("error", () => failed(new Error("no charts")));
      document.head.append(script);
    });
    return loading;
  };

  return (one, words) => {
    const made = element("div", "charts");
    if (!address) return made;
    const shown = one.one_measure ? [barsOf(one, words), matrixOf(one, words)] : [matrixOf(one, words)]; // bars would be compared
    const charts = shown.map(({ title, text, ...chart }) => {
      const figure = element("figure");
      const plot = element("div", "plot");
      plot.role = "img";
      plot.ariaLabel = text;
      plot.style.height = `${chart.height}px`;
      figure.append(element("figcaption", "", title), plot);
      made.append(figure);
      return { ...chart, plot };
    });
    load().then((library) => {
      if (made.isConnected) for (const chart of charts) plotChart(library, chart);
    }, () => made.replaceChildren(element("p", "note", "The charts could not be loaded; the tables have the same numbers.")));
    return made;
  };
}

// Draw a chart in the colours of the page; its axes do not move, so that a finger scrolls the page.
function plotChart(library, { plot, height, trace, axes }) {
  const style = getComputedStyle(plot);
  const [ink, line] = ["--ink", "--line"].map((colour) => style.getPropertyValue(colour).trim());
  const axis = { fixedrange: true, gridcolor: line, zerolinecolor: ink, automargin: true };
  library.newPlot(plot, [trace], {
    height,
    margin: { l: 8, r: 12, t: 8, b: 28 },
    paper_bgcolor: "transparent",
    plot_bgcolor: "transparent",
    font: { family: style.fontFamily, size: 12, color: ink },
    dragmode: false,
    xaxis: { ...axis, ...axes.x },
    yaxis: { ...axis, ...axes.y, autorange: "reversed" },
  }, { displayModeBar: false, responsive: true });
}

function barsOf({ maps }, words) {
  const values = maps.map(difference);
  const names = maps.map((one) => one.name);
  return {
    title: "Insertion minus deletion: how faithful each map is",
    text: `Insertion minus deletion of ${words}: ${names.map((method, i) => `${method} ${written(values[i])}`).join(", ")}.`,
    height: 56 + 32 * maps.length,
    trace: { type: "bar", orientation: "h", x: values, y: names.map(inLines), text: values.map((value) => written(value)), textposition: "auto", insidetextfont: { color: "#13201c" }, marker: { color: "#e47016" }, hovertemplate: "%{y}: %{x:.3f}<extra></extra>" },
    axes: { x: {}, y: {} },
  };
}

// A name in short lines, as a chart writes it: what differs begins a new one.
const inLines = (name) => name.replace(/ (asking|on|hidden by|with seed|with \d+ masks)/g, "<br>$1");

// Numbers stand under the columns: long names fit there on no phone.
function matrixOf({ maps, correlations }, words) {
  const names = maps.map((one, place) => `${place + 1} ${inLines(one.name)}`);
  const numbers = maps.map((_, place) => String(place + 1));
  const said = correlations.map((row) => row.map((value) => (value == null ? "none" : written(value))));
  const shades = [[0, rgb(-1)], [0.25, rgb(-0.5)], [0.5, "rgb(240 244 242)"], [0.75, rgb(0.5)], [1, rgb(1)]];
  return {
    title: "Rank correlation of any two maps: 1 is the same order, 0 is chance",
    text: `Rank correlations of the maps of ${words}; the table below has the numbers.`,
    height: 84 + 40 * maps.length,
    trace: { type: "heatmap", x: numbers, y: names, z: correlations, text: said, texttemplate: "%{text}", zmin: -1, zmax: 1, showscale: false, colorscale: shades.map(([at, colour]) => [at, commas(colour)]), xgap: 2, ygap: 2, hovertemplate: "%{y} and %{x}: %{text}<extra></extra>" },
    axes: { x: { type: "category", showgrid: false }, y: { showgrid: false } },
  };
}

// A colour as Plotly reads it.
const commas = (colour) => `rgb(${colour.match(/\d+/g).slice(0, 3).join(",")})`;
