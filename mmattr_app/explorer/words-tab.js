// Tab "All words": a small map for each word that needs the picture, in one scale, and the words that hardly need it.

const SIDE = 88; // pixels of a small map's longer side

function wordsTab(tokens) {
  const made = element("div", "all-words");
  const note = element("p", "note");
  const maps = element("div", "maps");
  const rest = element("p", "note rest");
  made.append(note, maps, rest);
  let tiles = [];
  let drawn = {};

  function tileOf(shown, unit, number, { scale, most, smooth }) {
    const tile = element("button", "tile");
    tile.type = "button";
    tile.unit = unit;
    const face = element("span", "face");
    const picture = element("img");
    picture.src = shown.picture.url;
    picture.alt = "";
    const canvas = element("canvas");
    face.append(picture, canvas);
    const weights = surely(weigh(shown, unit.from, unit.to), errorsOf(shown, unit.from, unit.to));
    paintSmall(canvas, shown.map, weights, scale, smooth);
    const bar = element("span", "needs");
    bar.style.width = `${Math.max(3, (100 * relianceOn(shown, unit.from, unit.to)) / most)}%`;
    const word = spoken(shown.pieces, unit.from, unit.to);
    const main = mainRegions(shown, weights);
    tile.ariaLabel = `${word}: ${main.length ? placesOf(shown.map, main) : "no single region"}`;
    tile.append(face, element("span", "word", word), bar);
    tile.addEventListener("click", (event) => tokens.select(number, event.shiftKey));
    return tile;
  }

  function draw(shown, selection, weights, state) {
    const units = tokens.units();
    const smooth = isSmooth(shown, state);
    if (drawn.encoded !== shown.encoded || drawn.units !== units || drawn.map !== shown.map || drawn.smooth !== smooth) {
      drawn = { encoded: shown.encoded, units, map: shown.map, smooth };
      const needs = units.map((unit) => relianceOn(shown, unit.from, unit.to));
      const most = Math.max(FLOOR, ...needs.filter((value) => value > 0));
      const scale = scaleOfAnswer(shown, units);
      made.style.setProperty("--aspect", shown.picture.width / shown.picture.height);
      tiles = units.flatMap((unit, i) => (needs[i] < MATTERS || !isContent(unit) ? [] : [tileOf(shown, unit, i, { scale, most, smooth })]));
      maps.replaceChildren(...tiles);
      const quiet = units.filter((unit, i) => needs[i] < MATTERS && isContent(unit));
      note.textContent = "One scale for all of them. The bar: how much the word needs the picture.";
      rest.textContent = quiet.length ? `Hardly need the picture: ${quiet.map((unit) => spoken(shown.pieces, unit.from, unit.to)).join(", ")}.` : "";
    }
    for (const tile of tiles) {
      const on = !selection.whole && tile.unit.from >= selection.from && tile.unit.to <= selection.to;
      tile.setAttribute("aria-pressed", String(on));
    }
  }

  return { made, draw };
}

// A map of few pixels: one for each cell, between which the browser draws smoothly, or the score under the middle of each.
function paintSmall(canvas, map, weights, scale, smooth) {
  if (smooth) {
    const { rows, columns } = gridOf(map);
    inkCanvas(canvas, columns, rows, (pixels) => weights.forEach((score, region) => (pixels[region] = inked(score / scale))));
    return;
  }
  const shrink = SIDE / Math.max(map.width, map.height);
  const [wide, high] = [Math.max(1, Math.round(map.width * shrink)), Math.max(1, Math.round(map.height * shrink))];
  const colours = atomScores(map, weights).map((score) => score / scale);
  inkCanvas(canvas, wide, high, (pixels) => {
    for (let i = 0; i < pixels.length; i++) {
      const x = Math.floor((((i % wide) + 0.5) * map.width) / wide);
      const y = Math.floor(((Math.floor(i / wide) + 0.5) * map.height) / high);
      pixels[i] = inked(colours[map.at[y * map.width + x]]);
    }
  });
}
