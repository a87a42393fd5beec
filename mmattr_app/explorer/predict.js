// "Predict first": the map of a word is hidden until the person has marked the regions that they expect to matter.

// A result without its scores: what is shown before the prediction, which is the picture, its regions and the answer.
function withoutScores(result) {
  const nothing = { rows: [], encoded: [], asked: 0, errors: null, hiding: null, shares: null, pixels: null, links: null };
  return { ...result, ...nothing, others: [], otherRows: [], otherErrors: null, curves: [], keptBack: true };
}

// How many pixels lie in the marked regions: in all, and of each region.
function pixelsIn(maps, marked) {
  const ofRegion = new Float64Array(maps[0].regions);
  const all = maps.reduce((sum, map) => sum + pixelsInMap(map, marked, ofRegion), 0);
  return { all, ofRegion };
}

function pixelsInMap(map, marked, ofRegion) {
  const inside = map.held.map((regions) => regions.some((region) => marked.has(region)));
  const perAtom = new Float64Array(map.held.length);
  for (const atom of map.at) perAtom[atom] += 1;
  let all = 0;
  inside.forEach((is, atom) => {
    if (!is) return;
    all += perAtom[atom];
    for (const region of map.held[atom]) ofRegion[region] += perAtom[atom];
  });
  return all;
}

// How good a prediction is. `found`: the share of the support (the sum of the positive scores) in the marked regions; NaN if
// there is no support. `area`: their share of the picture. Where regions overlap, a region may be marked in part; then it
// counts by that part.
function scoreOf(shown, weights, marked) {
  const maps = shown.maps.filter(Boolean);
  const { all, ofRegion } = pixelsIn(maps, marked);
  let [support, inside] = [0, 0];
  weights.forEach((weight, region) => {
    const pixels = maps.reduce((sum, map) => sum + map.areas[region], 0);
    if (!(weight > 0) || !pixels) return;
    support += weight;
    inside += (weight * ofRegion[region]) / pixels;
  });
  return { found: inside / support, area: all / maps.reduce((sum, map) => sum + map.width * map.height, 0) };
}

const partText = (share) => (share > 0 && share < 0.01 ? "under 1%" : share < 1 && share > 0.99 ? "over 99%" : `${Math.round(100 * share)}%`);

function timesText(times) {
  if (times >= 1.05) return `${times < 3 ? times.toFixed(1) : Math.round(times)} times better than chance`;
  return times > 0.95 ? "no better than chance" : "worse than chance";
}

function predictionSays(shown, selection, { found, area }) {
  const marked = `You marked ${partText(area)} of ${pictureSays(shown)}`;
  const called = name(shown, selection);
  if (hardlyNeeds(shown, selection)) return `${marked}, but ${called} hardly needs ${pictureSays(shown)}: there was nothing to find.`;
  if (Number.isNaN(found)) return `${marked}, but no region surely supports ${called}.`;
  const what = shown.reads in HIGH_END_LABELS ? "the scores" : "the support";
  return `${marked} and found ${partText(found)} of ${what}: ${timesText(found / area)}.`;
}

function predictView(find, state, changed, clear) {
  const predictions = new Map(); // key of a map and its words -> the regions that were marked
  let on = memory.get("predict") === "on";
  let result = null;
  let seen = {}; // the copy of it that `cover` returned last
  let key = "";
  let asksFor = ""; // the key of the words that the marks are for

  const turn = (now) => {
    if (on === now) return;
    on = now;
    memory.set("predict", on ? "on" : "off");
    state.picked.clear();
    changed();
  };
  find(".ahead").addEventListener("click", () => turn(!on));
  find(".reveal").addEventListener("click", () => {
    predictions.set(key, new Set(state.picked));
    state.picked.clear();
    changed();
  });
  find(".once-more").addEventListener("click", () => {
    predictions.delete(key);
    changed();
    find(".stage [data-region][tabindex='0']")?.focus();
  });
  find(".another").addEventListener("click", () => {
    state.picked.clear();
    clear();
    find(".tokens").focus();
  });

  const ready = () => Boolean(result.map) && result.state === "done" && result.rows.some(Boolean);
  const isFor = ({ from, to }) => !result.selection || (result.selection.includes(from) && result.selection.includes(to));

  // The part of a result that may be shown now. `marking`: regions can be marked; `predicted`: the regions that were marked.
  function cover(current, selection) {
    result = current;
    const running = BUSY.has(result.state) && Boolean(result.map);
    if (!on || !(ready() || running)) return result;
    const answer = result.pieces.join(""); // examples have no job
    key = [result.job, answer, result.map.regions, selection.from, selection.to, selection.whole].join();
    const predicted = ready() && predictions.get(key);
    if (seen.of !== result || seen.predicted !== predicted) {
      seen = { ...(predicted ? result : withoutScores(result)), of: result, predicted };
    }
    if (predicted) return seen;
    const marking = ready() && !selection.whole && isFor(selection);
    if (asksFor !== key && marking) {
      asksFor = key;
      state.picked.clear();
      state.pin = -1;
    }
    seen.marking = marking;
    return seen;
  }

  function task(shown, selection, weights, errors) {
    if (shown.predicted) return predictionSays(shown, selection, scoreOf(shown, surely(weights, errors), shown.predicted));
    if (!isFor(selection)) return `This map is for “${spoken(shown.pieces, shown.selection[0], shown.selection[shown.selection.length - 1])}” alone: select it.`;
    if (!shown.marking) return "Click a word of the answer.";
    const called = name(shown, selection);
    const many = state.picked.size;
    if (!many) return `Which parts of ${pictureSays(shown)} made the model say ${called}? Click them, then press “Show me”.`;
    const { area } = scoreOf(shown, [], state.picked);
    return `${called}: ${many} region${many > 1 ? "s" : ""} marked, ${partText(area)} of ${pictureSays(shown)}.`;
  }

  function draw(shown, selection, weights, errors) {
    const can = ready() && !state.drawing;
    find(".ahead").hidden = !can && !shown.keptBack;
    find(".ahead").setAttribute("aria-pressed", String(on));
    find(".prediction").hidden = !(on && can);
    if (!on || !can) return;
    const says = task(shown, selection, weights, errors);
    if (find(".guess-says").textContent !== says) find(".guess-says").textContent = says;
    const had = find(".prediction").contains(document.activeElement);
    find(".reveal").hidden = !shown.marking;
    find(".reveal").disabled = !state.picked.size;
    find(".another").hidden = find(".once-more").hidden = !shown.predicted;
    if (had && shown.predicted) find(".another").focus(); // the button with the focus is now hidden
  }

  return { cover, draw, turn, forget: () => predictions.clear() };
}

// The outline around all marked regions.
function outlineOf(map, marked) {
  if (!marked?.size) return "";
  const inside = Int32Array.from(map.held, (regions) => (regions.some((region) => marked.has(region)) ? 1 : -1e9));
  return borders(map, inside, everything(map), true);
}
