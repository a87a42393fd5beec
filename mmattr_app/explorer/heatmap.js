// Scores as colours: blue argues against, orange supports, zero is nothing at all.

const SUPPORTS = [[252, 220, 180], [246, 168, 88], [228, 112, 22], [194, 74, 2]];
const AGAINST = [[200, 222, 244], [126, 177, 226], [58, 126, 196], [20, 84, 150]];
const FAINT = 0.02; // of the scale: less is drawn as zero
const FLOOR = 0.5; // the scale never ends below this, so that noise is not magnified

function ramp(share) {
  const steps = share < 0 ? AGAINST : SUPPORTS;
  const place = Math.min(1, Math.abs(share)) * 3;
  const low = Math.min(2, Math.floor(place));
  return steps[low].map((part, i) => Math.round(part + (steps[low + 1][i] - part) * (place - low)));
}

const rgb = (share, alpha = 1) => `rgb(${ramp(share).join(" ")} / ${alpha})`;

// Red, green, blue and alpha in one number, as the pixels of a canvas hold them.
function inked(share) {
  const strength = Math.abs(share);
  if (!(strength >= FAINT)) return 0;
  return inkOf(ramp(share), Math.round(255 * Math.min(1, 0.35 + 0.75 * strength)));
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

// `colours` has one for each atom.
function paint(canvas, map, colours) {
  if (canvas.width !== map.width || canvas.height !== map.height) {
    canvas.width = map.width;
    canvas.height = map.height;
  }
  const context = canvas.getContext("2d", { willReadFrequently: true }); // only ever written whole
  const image = context.createImageData(map.width, map.height);
  const pixels = new Uint32Array(image.data.buffer);
  const { at } = map;
  for (let i = 0; i < pixels.length; i++) pixels[i] = colours[at[i]];
  context.putImageData(image, 0, 0);
}

// Where the map passes an eighth and a half of the scale, on either side.
function contours(map, scores, scale) {
  const level = (share) => (Math.abs(share) > 0.5 ? 2 : Math.abs(share) > 0.125 ? 1 : 0) * Math.sign(share);
  return borders(map, Int32Array.from(scores, (score) => level(score / scale)), everything(map), false);
}

// The end of the scale: of the selection, or of every single token of the answer.
function scaleOf(shown, scores, wholeAnswer) {
  let end = Math.max(FLOOR, largest(scores));
  if (!wholeAnswer) return end;
  for (const row of shown.rows) {
    if (!row) continue;
    row.peak ??= largest(row);
    end = Math.max(end, row.peak);
  }
  return end;
}
