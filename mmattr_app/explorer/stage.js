// The stage: the pictures in rows, each with its map and its share, all maps in one scale; and the legend below.

const HIGH_END_LABELS = { weight: "more weight", order: "taken first", dependence: "depends more" }; // labels of the scale, for scores that do not mean support
const GAP = 12; // pixels between pictures
const CAPTION = 30; // pixels for the text below a picture
const SMALLEST_HIGH = 110; // pixels: least height of a picture; many pictures may be higher than the window together
const STRIP = 140; // pixels: height of the other pictures while one is large
const PHONE = 720; // pixels: up to this width there is one column

function stageView(find, prefix, state, changed) {
  const stages = find(".stages");
  const blank = find(".pane").cloneNode(true); // for the pictures after the first one
  const panes = [];
  let shown = null;
  let large = -1; // the number of the picture that is shown large; -1: none

  const point = (region) => {
    if (region === state.hover) return;
    state.hover = region;
    changed();
  };
  const pin = (region) => {
    if (shown.edits == null && !shown.marking) state.pin = state.pin === region ? -1 : region;
    else if (!state.picked.delete(region)) {
      // Regions are split and merged in one picture: choosing some of another one begins anew.
      if (shown.edits != null) for (const other of state.picked) if (pictureOf(shown, other) !== pictureOf(shown, region)) state.picked.delete(other);
      state.picked.add(region);
    }
    changed();
  };

  function addPane(figure) {
    const view = paneView(figure.querySelector(".stage"), panes.length, prefix, state, changed, { point, pin });
    panes.push({ ...view, figure, says: figure.querySelector(".enlarge") });
    const number = panes.length - 1;
    panes[number].says.addEventListener("click", () => {
      large = large === number ? -1 : number;
      arrange();
      changed();
    });
    if (number) stages.append(figure);
  }
  addPane(find(".pane"));

  const arrange = () => {
    if (!shown || !areSeveral(shown)) return;
    const aspects = shown.pictures.map(({ width, height }) => width / height);
    const narrow = stages.closest(".body").clientWidth <= PHONE;
    const all = narrow ? 0.6 * innerHeight : Math.min(820, Math.max(280, innerHeight - 372));
    const room = large < 0 ? all : STRIP * Math.ceil(aspects.length / 4); // while one is large, the others get little height
    stages.style.setProperty("--high", `${Math.floor(heightInRows(aspects, stages.clientWidth - 1, room))}px`);
  };
  new ResizeObserver(arrange).observe(stages);

  // Write below each of several pictures its share of the selected words.
  function tell(selection) {
    const { from, to } = selection;
    const known = shown.pieces.length && hasShares(shown, from, to) && !leavesNothing(shown, from, to);
    const shares = known ? sharesOf(mainShares(shown), from, to) : [];
    shown.pictures.forEach((_, number) => {
      const called = `picture ${number + 1}`;
      const found = shares.find(({ kind }) => kind === called);
      const part = shown.asked > 0 && !shown.maps[number] ? "not in this map" : !found || Number.isNaN(found.share) ? "" : shareSays(found, mainShares(shown));
      const text = `P${called.slice(1)}${part && `: ${part}`}`;
      if (panes[number].says.textContent !== text) panes[number].says.textContent = text;
    });
  }

  function draw(current, selection, weights, errors) {
    const before = shown?.pictures.length;
    shown = current;
    const several = areSeveral(shown);
    if (before !== shown.pictures.length) large = -1;
    while (panes.length < shown.pictures.length) addPane(blank.cloneNode(true));
    panes.forEach(({ figure, says }, number) => {
      figure.hidden = number > 0 && number >= shown.pictures.length;
      says.parentNode.hidden = !several;
      figure.classList.toggle("large", several && number === large);
      says.ariaPressed = String(number === large);
      const picture = shown.pictures[number];
      if (picture) figure.style.setProperty("--aspect", picture.width / picture.height);
    });
    stages.closest(".explorer").classList.toggle("album", several);
    if (before !== shown.pictures.length) arrange();
    const count = shown.map?.regions ?? 0;
    if (state.hover >= count) state.hover = -1;
    if (state.pin >= count) state.pin = -1;
    const certain = withoutRest(shown, surely(weights, errors));
    const scores = shown.maps.map((map) => map && atomScores(map, certain));
    const scale = Math.max(...scores.filter(Boolean).map((one) => scaleOf(shown, one, state.wide)));
    const links = shown.asked ? linksOf(shown, selection) : [];
    const marked = shown.asked ? markedRegions(shown, certain, links) : [];
    panes.forEach((pane, number) => pane.draw(shown, selection, { weights, errors, certain, scores: scores[number], scale, links, marked }));
    if (several) tell(selection);
    if (!shown.map) return;
    find(".faintly").hidden = !(shown.asked > 0 && hardlyNeeds(shown, selection));
    legend(scale, weights, showsPixels(shown, state));
  }

  function legend(scale, weights, ofPixels) {
    const end = ofPixels ? "" : `+${scale < 0.1 ? scale.toPrecision(2) : scale.toFixed(1)} ${shown.unit}`;
    find(".low").textContent = shown.reads in HIGH_END_LABELS ? "" : `${end.replace("+", "−").replace(shown.unit, "").trim()} against`;
    find(".high").textContent = `${HIGH_END_LABELS[shown.reads] || "supports"} ${end}`.trim();
    const region = regionInView(state);
    const needle = find(".needle");
    needle.hidden = !(region >= 0 && !Number.isNaN(weights[region]) && weights[region] !== undefined);
    if (!needle.hidden) needle.style.left = `${50 + 50 * Math.max(-1, Math.min(1, weights[region] / scale))}%`;
  }

  const focus = () => panes[0].focus();
  const imageWith = (region) => panes[pictureOf(shown, region)].image;

  return { draw, point, pin, focus, imageWith };
}

// The largest height at which pictures with these aspects (width / height) fit into rows of the given width and room.
function heightInRows(aspects, wide, room) {
  const saying = aspects.length > 1 ? CAPTION : 0;
  let best = 0;
  for (let columns = 1; columns <= aspects.length; columns++) {
    const rows = Math.ceil(aspects.length / columns);
    const across = Array.from({ length: rows }, (_, row) => {
      const own = aspects.slice(row * columns, (row + 1) * columns);
      return (wide - GAP * (own.length - 1)) / own.reduce((sum, aspect) => sum + aspect, 0);
    });
    const down = Math.max(room / rows - saying, SMALLEST_HIGH);
    best = Math.max(best, Math.min(down, ...across));
  }
  return best;
}
