// Maps over pixels, where the method gives them: a small map for each token, or one for all explained tokens.

const INSIDE_SCALE = 0.995; // share of a map's cells that the scale covers; a few cells may have far larger scores

function readPixels({ levels, ends, width, height }) {
  const bytes = new Int8Array(bytesOf(levels));
  const size = width * height;
  const maps = Array.from(ends, (_, token) => bytes.subarray(token * size, (token + 1) * size));
  return { source: levels, maps, ends: Array.from(ends), width, height };
}

// Whether the stage shows the map over pixels, and not that of the regions.
const showsPixels = (shown, state) => Boolean(shown.map && shown.pixels) && (state.smooth ?? true);

// The score of each cell for the tokens from..to. If there is one map for all, it counts only for the tokens it was made for.
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

// The end of the scale for these scores.
function pixelScale(scores) {
  const sizes = Float32Array.from(scores, Math.abs).sort();
  const size = sizes[Math.floor(INSIDE_SCALE * (sizes.length - 1))];
  return size || sizes[sizes.length - 1] || 1;
}

// The largest such end of all tokens of the answer.
function pixelScaleOfAnswer(shown) {
  const { pixels } = shown;
  pixels.loudest ??= Math.max(...pixels.maps.map((_, token) => pixelScale(pixelScores({ pixels }, token, token))));
  return pixels.loudest;
}

// Draw a map over pixels; the browser smooths between its cells.
function paintPixels(canvas, { width, height }, scores, scale) {
  writeCanvas(canvas, width, height, (pixels) => {
    for (let i = 0; i < pixels.length; i++) pixels[i] = pixelColour(Math.max(-1, Math.min(1, scores[i] / scale)), 0);
  });
}
