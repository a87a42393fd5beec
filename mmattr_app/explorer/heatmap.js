// Scores as colours: orange supports, blue argues against, zero is transparent.

const SUPPORTS = [[252, 220, 180], [246, 168, 88], [228, 112, 22], [194, 74, 2]];
const AGAINST = [[200, 222, 244], [126, 177, 226], [58, 126, 196], [20, 84, 150]];
const FAINT = 0.02; // share of the scale: less is drawn as zero
const FLOOR = 0.5; // nats or logits: the scale never ends below this, so that noise is not magnified
const floorOf = (shown) => (shown.unit === "nats" || shown.unit === "logits" ? FLOOR : 1e-6);

function ramp(share) {
  const steps = share < 0 ? AGAINST : SUPPORTS;
  const place = Math.min(1, Math.abs(share)) * 3;
  const low = Math.min(2, Math.floor(place));
  return steps[low].map((part, i) => Math.round(part + (steps[low + 1][i] - part) * (place - low)));
}

const rgb = (share, alpha = 1) => `rgb(${ramp(share).join(" ")} / ${alpha})`;

// The colour of a score as one number (red, green, blue and alpha), as the pixels of a canvas hold it. `share` is the score
// divided by the end of the scale; `least` is the opacity of the faintest colour.
function pixelColour(share, least = 0.35) {
  const strength = Math.abs(share);
  if (!(strength >= FAINT)) return 0;
  return packColour(ramp(share), Math.round(255 * Math.min(1, least + (1.1 - least) * strength)));
}

const packColour = ([red, green, blue], alpha) => ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;

// The score of each atom: the sum over the regions that hold it. Regions that were not asked yet add nothing.
function atomScores(map, weights) {
  return Float32Array.from(map.held, (regions) => {
    let sum = 0;
    for (const region of regions) sum += weights[region] || 0;
    return sum;
  });
}

// Give a canvas this size; `write` then sets all of its pixels, each as one number.
function writeCanvas(canvas, width, height, write) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true }); // it is only written, never drawn on
  const image = context.createImageData(width, height);
  write(new Uint32Array(image.data.buffer));
  context.putImageData(image, 0, 0);
}

// Draw a map: `colours` has a colour for each atom.
function paint(canvas, map, colours) {
  const { at } = map;
  writeCanvas(canvas, map.width, map.height, (pixels) => {
    for (let i = 0; i < pixels.length; i++) pixels[i] = colours[at[i]];
  });
}

// The grid {rows, columns} of a picture, if its own regions are the cells of one, numbered row by row; else null.
function gridOf(map) {
  if (map.grid === undefined) {
    const boxes = map.own.map((region) => map.boxes[region]);
    const [lefts, tops] = [0, 1].map((side) => [...new Set(boxes.map((box) => box[side]))].sort((a, b) => a - b));
    const inOrder = boxes.every(([left, top], place) => left === lefts[place % lefts.length] && top === tops[Math.floor(place / lefts.length)]);
    const even = isPlain(map) && inOrder && lefts.length * tops.length === map.own.length && Math.min(lefts.length, tops.length) > 1;
    map.grid = even ? { rows: tops.length, columns: lefts.length } : null;
  }
  return map.grid;
}

// The scores of a picture's own regions, out of those of all regions.
const ownScores = (map, weights) => (map.own.length === weights.length ? weights : Float32Array.from(map.own, (region) => weights[region]));

const FINER = 12; // pixels of a smooth map along each side of a cell; the browser smooths between these pixels

// Interpolate between the middles of cells: a cubic through four cells, limited to the values of the two in the middle. A
// plain cubic goes below zero beside a high value, which would draw a blue ring around a region that supports.
function interpolate([before, low, high, after], share) {
  const slope = (high - before) * share;
  const bend = (2 * before - 5 * low + 4 * high - after) * share ** 2;
  const twist = (3 * (low - high) + after - before) * share ** 3;
  const value = low + (slope + bend + twist) / 2;
  return Math.max(Math.min(low, high), Math.min(Math.max(low, high), value));
}

// Interpolate a line of cells to FINER times its length; beyond its ends the last cells are repeated.
function interpolateLine(line) {
  const cell = (i) => line[Math.max(0, Math.min(line.length - 1, i))];
  return Float32Array.from({ length: line.length * FINER }, (_, pixel) => {
    const at = (pixel + 0.5) / FINER - 0.5;
    const low = Math.floor(at);
    return interpolate([cell(low - 1), cell(low), cell(low + 1), cell(low + 2)], at - low);
  });
}

// Draw the scores of a grid's cells smoothly.
function paintSmooth(canvas, { rows, columns }, scores, scale) {
  const across = Array.from({ length: rows }, (_, row) => interpolateLine(scores.slice(row * columns, (row + 1) * columns)));
  const down = Array.from({ length: columns * FINER }, (_, x) => interpolateLine(across.map((line) => line[x])));
  const wide = columns * FINER;
  writeCanvas(canvas, wide, rows * FINER, (pixels) => {
    for (let i = 0; i < pixels.length; i++) pixels[i] = pixelColour(down[i % wide][Math.floor(i / wide)] / scale, 0);
  });
}

// Contour lines at an eighth and at half of the scale, for positive and negative scores.
function contours(map, scores, scale) {
  const level = (share) => (Math.abs(share) > 0.5 ? 2 : Math.abs(share) > 0.125 ? 1 : 0) * Math.sign(share);
  return borders(map, Int32Array.from(scores, (score) => level(score / scale)), everything(map), false);
}

// The largest score of any player for any word of the answer.
function scaleOfAnswer(shown, units) {
  if (shown.scale?.units !== units.length) {
    let most = floorOf(shown);
    for (const row of [...shown.rows, ...shown.otherRows]) {
      if (row) for (const { from, to } of units) most = Math.max(most, Math.abs(sumOf(row, from, to)));
    }
    shown.scale = { units: units.length, most };
  }
  return shown.scale.most;
}

// The end of the scale: the largest score for the selection, or for any token of the answer.
function scaleOf(shown, scores, wholeAnswer) {
  let end = Math.max(floorOf(shown), largest(scores));
  if (!wholeAnswer) return end;
  for (const row of shown.rows) {
    if (!row) continue;
    row.peak ??= largest(row);
    end = Math.max(end, row.peak);
  }
  return end;
}
