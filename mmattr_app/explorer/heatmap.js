// Scores as colours: blue argues against, orange supports, zero is nothing at all.

const SUPPORTS = [[252, 220, 180], [246, 168, 88], [228, 112, 22], [194, 74, 2]];
const AGAINST = [[200, 222, 244], [126, 177, 226], [58, 126, 196], [20, 84, 150]];
const FAINT = 0.02; // of the scale: less is drawn as zero
const FLOOR = 0.5; // nats or logits: the scale never ends below this, so that noise is not magnified
const floorOf = (shown) => (shown.unit === "nats" || shown.unit === "logits" ? FLOOR : 1e-6);

function ramp(share) {
  const steps = share < 0 ? AGAINST : SUPPORTS;
  const place = Math.min(1, Math.abs(share)) * 3;
  const low = Math.min(2, Math.floor(place));
  return steps[low].map((part, i) => Math.round(part + (steps[low + 1][i] - part) * (place - low)));
}

const rgb = (share, alpha = 1) => `rgb(${ramp(share).join(" ")} / ${alpha})`;

// Red, green, blue and alpha in one number, as the pixels of a canvas hold them.
function inked(share, least = 0.35) {
  const strength = Math.abs(share);
  if (!(strength >= FAINT)) return 0;
  return inkOf(ramp(share), Math.round(255 * Math.min(1, least + (1.1 - least) * strength)));
}

const inkOf = ([red, green, blue], alpha) => ((alpha << 24) | (blue << 16) | (green << 8) | red) >>> 0;

// A pixel's score is the sum over the regions that hold it; regions not asked yet add nothing.
function atomScores(map, weights) {
  return Float32Array.from(map.held, (regions) => {
    let sum = 0;
    for (const region of regions) sum += weights[region] || 0;
    return sum;
  });
}

// Write every pixel of a canvas of this size, as one number each.
function inkCanvas(canvas, width, height, write) {
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d", { willReadFrequently: true }); // only ever written whole
  const image = context.createImageData(width, height);
  write(new Uint32Array(image.data.buffer));
  context.putImageData(image, 0, 0);
}

// `colours` has one for each atom.
function paint(canvas, map, colours) {
  const { at } = map;
  inkCanvas(canvas, map.width, map.height, (pixels) => {
    for (let i = 0; i < pixels.length; i++) pixels[i] = colours[at[i]];
  });
}

// The even grid {rows, columns} that a picture's own regions are, row by row, or null.
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

// Of scores of all regions those of a picture's own, in its order.
const ownScores = (map, weights) => (map.own.length === weights.length ? weights : Float32Array.from(map.own, (region) => weights[region]));

const FINER = 12; // pixels of a smooth map for each cell and side; the browser does the rest

// Between the middles of four cells: a cubic that is kept between the two in the middle, since one that swings over
// would show blue rings around what supports.
function between([before, low, high, after], share) {
  const slope = (high - before) * share;
  const bend = (2 * before - 5 * low + 4 * high - after) * share ** 2;
  const twist = (3 * (low - high) + after - before) * share ** 3;
  const value = low + (slope + bend + twist) / 2;
  return Math.max(Math.min(low, high), Math.min(Math.max(low, high), value));
}

// A line of cells, FINER times as long; the cells at the ends go on.
function finer(line) {
  const cell = (i) => line[Math.max(0, Math.min(line.length - 1, i))];
  return Float32Array.from({ length: line.length * FINER }, (_, pixel) => {
    const at = (pixel + 0.5) / FINER - 0.5;
    const low = Math.floor(at);
    return between([cell(low - 1), cell(low), cell(low + 1), cell(low + 2)], at - low);
  });
}

// Scores of a grid's cells, drawn smoothly.
function paintSmooth(canvas, { rows, columns }, scores, scale) {
  const across = Array.from({ length: rows }, (_, row) => finer(scores.slice(row * columns, (row + 1) * columns)));
  const down = Array.from({ length: columns * FINER }, (_, x) => finer(across.map((line) => line[x])));
  const wide = columns * FINER;
  inkCanvas(canvas, wide, rows * FINER, (pixels) => {
    for (let i = 0; i < pixels.length; i++) pixels[i] = inked(down[i % wide][Math.floor(i / wide)] / scale, 0);
  });
}

// Where the map passes an eighth and a half of the scale, on either side.
function contours(map, scores, scale) {
  const level = (share) => (Math.abs(share) > 0.5 ? 2 : Math.abs(share) > 0.125 ? 1 : 0) * Math.sign(share);
  return borders(map, Int32Array.from(scores, (score) => level(score / scale)), everything(map), false);
}

// The largest score of any unit of the answer for any region.
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

// The end of the scale: of the selection, or of every single token of the answer.
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
