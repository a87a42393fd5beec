// Charts of insertion and deletion: the probability of the words against the share of the picture that is shown or hidden,
// beside the same for random orders.

const CHART = { width: 340, height: 190, left: 46, right: 10, top: 8, bottom: 38 };
const TOPS = [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1]; // possible ends of the axis of probabilities
const TABLE = [0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1]; // the rows of the table: shares of the picture

const shareText = (share) => `${Number((100 * share).toFixed(share < 0.1 ? 1 : 0))}%`;

// The value of a curve at a share, interpolated between its points.
function valueAt(shares, values, share) {
  const after = shares.findIndex((one) => one >= share);
  if (after < 0) return values[values.length - 1];
  if (after === 0 || shares[after] === share) return values[after];
  const part = (share - shares[after - 1]) / (shares[after] - shares[after - 1]);
  return values[after - 1] + part * (values[after] - values[after - 1]);
}

function shape(name, values, text) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(values)) made.setAttribute(key, value);
  if (text != null) made.textContent = text;
  return made;
}

// A chart of one curve, and of random orders if these were measured; `what` is "hidden" or "shown", and `pictures` is
// "the picture" or "the pictures".
function curveChart({ curve, chance, what, words, pictures }) {
  const { width, height, left, right, top, bottom } = CHART;
  const most = Math.max(...curve.values, ...(chance ? chance.high || chance.values : []));
  const end = TOPS.find((value) => value >= most) || 1;
  const x = (share) => left + share * (width - left - right);
  const y = (value) => top + (1 - value / end) * (height - top - bottom);
  const line = (shares, values) => shares.map((share, i) => `${i ? "L" : "M"}${x(share).toFixed(1)} ${y(values[i]).toFixed(1)}`).join("");
  const svg = shape("svg", { viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": curveText({ curve, chance, what, words }) });
  for (const part of [0, 0.5, 1]) {
    svg.append(shape("path", { class: "rule", d: `M${left} ${y(part * end)}H${width - right}` }));
    svg.append(shape("text", { x: left - 6, y: y(part * end) + 4, "text-anchor": "end" }, shareText(part * end)));
    svg.append(shape("text", { x: x(part), y: height - bottom + 16, "text-anchor": ["start", "middle", "end"][2 * part] }, shareText(part)));
  }
  svg.append(shape("text", { x: (left + width - right) / 2, y: height - 5, "text-anchor": "middle" }, `share of ${pictures} ${what}`));
  if (chance?.low) {
    const back = line([...chance.shares].reverse(), [...chance.low].reverse()).replace("M", "L");
    svg.append(shape("path", { class: "band", d: `${line(chance.shares, chance.high)}${back}Z` }));
  }
  if (chance) svg.append(shape("path", { class: "chance", d: line(chance.shares, chance.values) }));
  svg.append(shape("path", { class: "curve", d: line(curve.shares, curve.values) }));
  return svg;
}

// The chart as text, for screen readers.
function curveText({ curve, chance, what, words }) {
  const at = (share) => `${shareText(valueAt(curve.shares, curve.values, share))} with ${shareText(share)} ${what}`;
  const random = chance ? ` In random orders: ${[0.1, 0.3].map((share) => `${shareText(valueAt(chance.shares, chance.values, share))} with ${shareText(share)} ${what}`).join(", ")}.` : "";
  return `Probability of ${words} while the best regions are ${what} first: ${[0, 0.1, 0.3, 1].map(at).join(", ")}.${random}`;
}

// The same numbers as a table.
function curveTable(charts) {
  const table = element("table");
  const head = element("tr");
  for (const text of [charts.some(({ pictures }) => pictures === "the pictures") ? "Pictures" : "Picture", ...charts.flatMap(({ what, chance }) => [`${what}, best first`, ...(chance ? [`${what} at random`] : [])])]) {
    const cell = element("th", "", text);
    cell.scope = "col";
    head.append(cell);
  }
  const rows = TABLE.map((share) => {
    const row = element("tr");
    const first = element("th", "", shareText(share));
    first.scope = "row";
    row.append(first);
    for (const { curve, chance } of charts) {
      row.append(element("td", "", shareText(valueAt(curve.shares, curve.values, share))));
      if (!chance) continue;
      const at = (line) => shareText(valueAt(chance.shares, line, share));
      row.append(element("td", "", chance.low ? `${at(chance.values)} (${at(chance.low)} to ${at(chance.high)})` : at(chance.values)));
    }
    return row;
  });
  table.append(head, ...rows);
  return table;
}

// An element with both charts of a measurement, a key to their lines, and the table.
function curvesOf(one, words, pictures) {
  const kinds = [["deletion", "hidden", "Hide the best regions first: a good map falls sooner."], ["insertion", "shown", "Show the best regions first: a good map rises sooner."]];
  const charts = kinds.filter(([name]) => one.curves[name]).map(([name, what, says]) => ({ curve: one.curves[name], chance: one.curves[`random-${name}`], what, says, words, pictures }));
  const made = element("div", "curves");
  for (const chart of charts) {
    const figure = element("figure");
    const area = chart.chance ? `Area under the line ${chart.curve.area.toFixed(2)}, at random ${chart.chance.area.toFixed(2)}.` : `Area under the line ${chart.curve.area.toFixed(2)}.`;
    figure.append(element("figcaption", "", chart.says), element("span", "axis", "probability of the words"), curveChart(chart), element("span", "area", area));
    made.append(figure);
  }
  const key = element("p", "lines-key");
  for (const [name, text] of [["curve", "this map"], ["chance", "eight random orders, their mean and their range"]]) {
    const item = element("span");
    item.append(element("i", name), text);
    key.append(item);
  }
  const numbers = element("details");
  numbers.append(element("summary", "", "The numbers as a table"), curveTable(charts));
  const whole = element("div");
  whole.append(made, ...(charts.some(({ chance }) => chance) ? [key] : []), numbers);
  return whole;
}
