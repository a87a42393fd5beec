// Maps over the picture's pixels, of methods that have them: a small one for each token, or one for all that are explained.

const LOUDEST = 0.995; // of a map's cells are inside of its scale: a few may stand far out

function readPixels({ levels, ends, width, height }) {
  const bytes = new Int8Array(bytesOf(levels));
  const size = width * height;
  const maps = Array.from(ends, (_, token) => bytes.subarray(token * size, (token + 1) * size));
  return { source: levels, maps, ends: Array.from(ends), width, height };
}

// Whether the map on the stage is the one over pixels, and not that of the regions.
const showsPixels = (shown, state) => Boolean(shown.map && shown.pixels) && (state.smooth ?? true);

// The score of each cell for the tokens from..to; one map for all belongs to the tokens that it was made for.
function pixelScores({ pixels, selection }, from, to) {
  const { maps, ends, width, height } = pixels;
  const scores = new Float32Array(width * height);
  const alone = maps.length === 1;
  if (alone && selection && (to < selection[0] || from > selection[selection.length - 1])) return scores;
  for (let token = alone ? 0 : from; token <= (alone ? 0 : to); token++) {
    const one = maps[token];
    for (let i = 0; i < scores.length; i++) scores[i] += one[i] * Math.abs(one[i]) * ends[token];
  }
  return scores;
}

// The end of their scale.
function loudest(scores) {
  const sizes = Float32Array.from(scores, Math.abs).sort();
  const size = sizes[Math.floor(LOUDEST * (sizes.length - 1))];
  return size || sizes[sizes.length - 1] || 1;
}

// The same of the loudest token of the answer.
function loudestOfAnswer(shown) {
  const { pixels } = shown;
  pixels.loudest ??= Math.max(...pixels.maps.map((_, token) => loudest(pixelScores({ pixels }, token, token))));
  return pixels.loudest;
}

// Between its cells the browser draws smoothly.
function paintPixels(canvas, { width, height }, scores, scale) {
  inkCanvas(canvas, width, height, (pixels) => {
    for (let i = 0; i < pixels.length; i++) pixels[i] = inked(Math.max(-1, Math.min(1, scores[i] / scale)), 0);
  });
}
