// Maps over pixels, where the method gives them: of each picture a small map for each token, or one for all explained tokens.

const INSIDE_SCALE = 0.995; // share of the maps' cells that the scale covers; a few cells may have far larger scores

function readPixels(sent) {
  return sent.map(({ levels, ends, width, height }) => {
    const bytes = new Int8Array(bytesOf(levels));
    const size = width * height;
    const maps = Array.from(ends, (_, token) => bytes.subarray(token * size, (token + 1) * size));
    return { maps, ends: Array.from(ends), width, height };
  });
}

// Whether the stage shows the maps over pixels, and not those of the regions.
const showsPixels = (shown, state) => Boolean(shown.map && shown.pixels) && (state.smooth ?? true);

// The score of each cell of one picture for the tokens from..to. If there is one map for all, it counts only for the tokens
// it was made for.
function pixelScores({ pixels, selection }, picture, from, to) {
  const { maps, ends, width, height } = pixels.pictures[picture];
  const scores = new Float32Array(width * height);
  const alone = maps.length === 1;
  if (alone && selection && (to < selection[0] || from > selection[selection.length - 1])) return scores;
  for (let token = alone ? 0 : from; token <= (alone ? 0 : to); token++) {
    const one = maps[token];
    for (let i = 0; i < scores.length; i++) scores[i] += one[i] * Math.abs(one[i]) * ends[token];
  }
  return scores;
}

// The end of the scale of the tokens from..to, which is one for all pictures.
function pixelScale(shown, from, to) {
  const of = shown.pixels.pictures.map((_, picture) => pixelScores(shown, picture, from, to));
  const sizes = new Float32Array(of.reduce((sum, scores) => sum + scores.length, 0));
  let before = 0;
  for (const scores of of) {
    sizes.set(scores.map(Math.abs), before);
    before += scores.length;
  }
  sizes.sort();
  return sizes[Math.floor(INSIDE_SCALE * (sizes.length - 1))] || sizes[sizes.length - 1] || 1;
}

// The largest such end of all tokens of the answer.
function pixelScaleOfAnswer({ pixels }) {
  pixels.loudest ??= Math.max(...pixels.pictures[0].maps.map((_, token) => pixelScale({ pixels }, token, token)));
  return pixels.loudest;
}

// Draw a picture's map over pixels for the tokens from..to; the browser smooths between its cells.
function paintPixels(canvas, shown, picture, { from, to }, scale) {
  const { width, height } = shown.pixels.pictures[picture];
  const scores = pixelScores(shown, picture, from, to);
  writeCanvas(canvas, width, height, (pixels) => {
    for (let i = 0; i < pixels.length; i++) pixels[i] = pixelColour(Math.max(-1, Math.min(1, scores[i] / scale)), 0);
  });
}
