// Tab "All words": a small map for each word that needs the picture, all in one scale, sorted by how much they need it; below
// them the words that the model said without looking.

const UNSEEN = "Said without looking: these are about as likely, or likelier, with the whole picture hidden. The words before them were enough, so the picture is no evidence for them.";
const SIDE = 88; // pixels of the longer side of a small map

function wordsTab(tokens) {
  const made = element("div", "all-words");
  const note = element("p", "note");
  const maps = element("div", "maps");
  const rest = element("div", "unseen");
  made.append(note, maps, rest);
  let tiles = [];
  let drawn = {};

  function tileOf(shown, unit, number, { scale, most, smooth, loud }) {
    const tile = element("button", "tile");
    tile.type = "button";
    tile.unit = unit;
    const weights = surely(weigh(shown, unit.from, unit.to), errorsOf(shown, unit.from, unit.to));
    const faces = element("span", "faces");
    shown.pictures.forEach((picture, of) => {
      const { face, canvas } = faceOf({ picture });
      const map = shown.maps[of];
      faces.append(face);
      if (loud && map) paintPixels(canvas, shown, of, unit, loud);
      else if (map) paintSmall(canvas, map, weights, scale, smooth && Boolean(gridOf(map)));
    });
    const bar = element("span", "needs");
    bar.style.width = `${Math.max(3, (100 * relianceOn(shown, unit.from, unit.to)) / most)}%`;
    const word = spoken(shown.pieces, unit.from, unit.to);
    const main = mainRegions(shown, weights);
    tile.ariaLabel = `${word}: ${main.length ? placesIn(shown, main) : "no single region"}`;
    const place = main.length ? placeIn(shown, main[0]) : "no single region";
    tile.append(faces, element("span", "word", word), bar, element("span", "place", place));
    tile.addEventListener("click", (event) => tokens.select(number, event.shiftKey));
    return tile;
  }

  function unseen(shown, unit, number) {
    const word = element("button", "without", spoken(shown.pieces, unit.from, unit.to));
    word.type = "button";
    word.unit = unit;
    word.addEventListener("click", (event) => tokens.select(number, event.shiftKey));
    return word;
  }

  function draw(shown, selection, weights, state) {
    const units = tokens.units();
    const smooth = isSmooth(shown, state);
    const loud = showsPixels(shown, state) ? pixelScaleOfAnswer(shown) : 0;
    if (drawn.encoded !== shown.encoded || drawn.units !== units || drawn.map !== shown.map || drawn.many !== shown.pictures.length || drawn.smooth !== smooth || drawn.loud !== loud) {
      drawn = { encoded: shown.encoded, units, map: shown.map, many: shown.pictures.length, smooth, loud };
      const needs = units.map((unit) => relianceOn(shown, unit.from, unit.to));
      const most = Math.max(FLOOR, ...needs.filter((value) => value > 0));
      const scale = scaleOfAnswer(shown, units);
      maps.style.setProperty("--across", Math.min(3, shown.pictures.length));
      const content = [...units.keys()].filter((i) => isContent(units[i])).sort((a, b) => needs[b] - needs[a]);
      const seen = content.filter((i) => needs[i] >= MATTERS);
      maps.replaceChildren(...seen.map((i) => tileOf(shown, units[i], i, { scale, most, smooth, loud })));
      const quiet = content.filter((i) => needs[i] < MATTERS).sort((a, b) => a - b);
      note.textContent = "Words that need the picture most come first; the bar shows how much. Below the bar: where the best region is. All maps have one scale.";
      rest.replaceChildren(...(quiet.length ? [element("p", "note", UNSEEN), ...quiet.map((i) => unseen(shown, units[i], i))] : []));
      tiles = [...maps.children, ...rest.querySelectorAll("button")];
    }
    for (const tile of tiles) {
      const on = !selection.whole && tile.unit.from >= selection.from && tile.unit.to <= selection.to;
      tile.setAttribute("aria-pressed", String(on));
    }
  }

  return { made, draw };
}

// A small copy of the picture, with a canvas over it for the map.
function faceOf({ picture }) {
  const face = element("span", "face");
  face.style.setProperty("--aspect", picture.width / picture.height);
  const image = element("img");
  image.src = picture.url;
  image.alt = "";
  const canvas = element("canvas");
  face.append(image, canvas);
  return { face, canvas };
}

// Draw a small map: smooth, with one pixel for each cell, which the browser smooths; or else with the score at the middle of
// each pixel.
function paintSmall(canvas, map, weights, scale, smooth) {
  if (smooth) {
    const { rows, columns } = gridOf(map);
    writeCanvas(canvas, columns, rows, (pixels) => ownScores(map, weights).forEach((score, cell) => (pixels[cell] = pixelColour(score / scale))));
    return;
  }
  const shrink = SIDE / Math.max(map.width, map.height);
  const [wide, high] = [Math.max(1, Math.round(map.width * shrink)), Math.max(1, Math.round(map.height * shrink))];
  const colours = atomScores(map, weights).map((score) => score / scale);
  writeCanvas(canvas, wide, high, (pixels) => {
    for (let i = 0; i < pixels.length; i++) {
      const x = Math.floor((((i % wide) + 0.5) * map.width) / wide);
      const y = Math.floor(((Math.floor(i / wide) + 0.5) * map.height) / high);
      pixels[i] = pixelColour(colours[map.at[y * map.width + x]]);
    }
  });
}
