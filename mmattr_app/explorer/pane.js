// A pane: one picture with its heatmap, the outlines over it, and a button for each region.

const SVG = "http://www.w3.org/2000/svg";

// Whether the map of a grid is drawn smoothly: as the person chose, else if its method gives errors or maps over pixels.
const isSmooth = (shown, state, map = shown.map) => Boolean(map && gridOf(map)) && (state.smooth ?? Boolean(shown.errors || shown.pixels));

// The region that is pointed at, or else the pinned one; and the same for a word that is a player; -1 for none.
const regionInView = ({ hover, pin }) => (hover >= 0 ? hover : pin);
const otherInView = ({ other, held }) => (other >= 0 ? other : held);

// `stage` holds the elements of picture `number`, counted from 0.
function paneView(stage, number, prefix, state, changed, { point, pin }) {
  const find = (selector) => stage.querySelector(selector);
  const [image, canvas, shapes, targets, tag] = [".picture", ".heatmap", ".shapes", ".targets", ".tag"].map(find);
  const preview = previewView(find, stage);
  const paths = {};
  const surface = document.createElementNS(SVG, "image");
  const clip = document.createElementNS(SVG, "clipPath");
  clip.id = `${prefix}hidden${number || ""}`;
  clip.append(document.createElementNS(SVG, "path"));
  surface.setAttribute("clip-path", `url(#${clip.id})`);
  surface.setAttribute("preserveAspectRatio", "none");
  shapes.append(clip, surface);
  for (const kind of ["lines halo", "lines", "contours", "waiting", "hidden", "guess halo", "guess", "pin halo", "pin", "hover halo", "hover"]) {
    paths[kind] = document.createElementNS(SVG, "path");
    paths[kind].setAttribute("class", kind);
    shapes.append(paths[kind]);
  }
  const put = (kind, data) => {
    if (paths[kind].data === data) return;
    paths[kind].data = data;
    paths[kind].setAttribute("d", data);
  };
  const marks = marksView(find, stage);
  const link = linksView(shapes);
  let shown = null;
  let buttons = [];
  let map = null;
  let weighed = [];
  let pinned = "";
  let smooth = false;

  function place() {
    map = shown.maps[number];
    const order = [...map.areas.keys()].filter((region) => map.areas[region]).sort((a, b) => map.areas[b] - map.areas[a]);
    buttons = [];
    pinned = "";
    for (const region of order) {
      const [left, top, right, bottom] = map.boxes[region];
      const button = element("button");
      button.type = "button";
      button.tabIndex = -1;
      button.dataset.region = region;
      button.ariaLabel = `${calledRegion(shown, region)} of ${map.own.length}`;
      button.ariaPressed = "false";
      button.style.left = `${(100 * left) / map.width}%`;
      button.style.top = `${(100 * top) / map.height}%`;
      button.style.width = `${(100 * (right - left)) / map.width}%`;
      button.style.height = `${(100 * (bottom - top)) / map.height}%`;
      buttons[region] = button;
    }
    targets.replaceChildren(...order.map((region) => buttons[region]));
    if (order.length) buttons[Math.min(...order)].tabIndex = 0;
    sharpen();
    shapes.setAttribute("viewBox", `0 0 ${map.width} ${map.height}`);
  }

  const under = (event) => {
    const box = stage.getBoundingClientRect();
    return map && !state.drawing ? regionAt(map, (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height) : -1;
  };
  stage.addEventListener("pointermove", (event) => point(under(event)));
  stage.addEventListener("pointerleave", () => point(-1));
  stage.addEventListener("click", (event) => {
    const focused = Number(event.target.dataset?.region ?? -1);
    const region = event.detail === 0 ? focused : under(event); // Enter and Space click without a pointer
    if (region < 0) return;
    pin(region);
  });
  const sharpen = () => canvas.classList.toggle("coarse", !smooth && stage.clientWidth * devicePixelRatio >= (map?.width || 0));
  new ResizeObserver(sharpen).observe(stage); // not read in draw(), where it would force the browser to lay out the page twice
  targets.addEventListener("focusin", (event) => {
    if (!event.target.matches(":focus-visible")) return;
    for (const button of targets.children) button.tabIndex = button === event.target ? 0 : -1;
    const region = Number(event.target.dataset.region);
    const score = weighed[region] ?? NaN;
    const says = Number.isNaN(score) ? "" : `, ${signed(score)} ${shown.unit}`; // the label is made when the focus comes
    event.target.ariaLabel = `${calledRegion(shown, region)} of ${map.own.length}${says}`;
    point(region);
  });
  targets.addEventListener("focusout", () => point(-1));
  targets.addEventListener("keydown", (event) => {
    const region = Number(event.target.dataset.region);
    const way = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] }[event.key];
    if (event.key === "Escape") {
      state.pin = -1;
      state.picked.clear();
      changed();
    } else if (way) {
      const next = neighbour(map, region, way);
      if (next >= 0) buttons[next].focus();
    } else return;
    event.preventDefault();
  });

  // `certain` has the scores that are sure, `scores` their sums for each atom of this picture; `scale` is that of all pictures.
  function draw(current, selection, { weights, errors, certain, scores, scale, links, marked }) {
    shown = current;
    const picture = shown.pictures[number];
    const own = shown.maps[number];
    if (!picture) {
      image.removeAttribute("src");
      map = null;
      return;
    }
    if (image.getAttribute("src") !== picture.url) image.src = picture.url;
    image.alt = areSeveral(shown) ? `Picture ${number + 1} of ${shown.pictures.length} that were asked about` : "The picture that was asked about";
    stage.style.setProperty("--aspect", picture.width / picture.height);
    stage.classList.toggle("mapped", shown.asked > 0 && Boolean(own));
    stage.style.setProperty("--opacity", state.opacity);
    canvas.hidden = !own || !shown.asked;
    const plain = !shown.asked && !state.drawing && !shown.keptBack; // only the regions are shown
    preview(own, plain && Boolean(own));
    if (!own) {
      map = null;
      targets.replaceChildren();
      Object.keys(paths).forEach((kind) => put(kind, ""));
      tag.hidden = true;
      marks(null, []);
      link(null, []);
      return;
    }
    if (map !== own) place();
    const before = smooth;
    const ofPixels = showsPixels(shown, state);
    smooth = Boolean((ofPixels || isSmooth(shown, state, map)) && shown.asked);
    if (smooth !== before) sharpen();
    const painted = `${selection.from},${selection.to},${scale},${shown.asked},${smooth},${ofPixels && state.wide}`;
    if (canvas.painted !== painted || canvas.map !== map || canvas.rows !== shown.encoded) {
      Object.assign(canvas, { painted, map, rows: shown.encoded });
      if (ofPixels) {
        const own = pixelScale(shown, selection.from, selection.to);
        paintPixels(canvas, shown, number, selection, state.wide ? Math.max(own, pixelScaleOfAnswer(shown)) : own);
      } else if (smooth) paintSmooth(canvas, gridOf(map), ownScores(map, certain), scale);
      else paint(canvas, map, Uint32Array.from(scores, (score) => pixelColour(score / scale)));
    }
    shapes.classList.toggle("preview", plain);
    shapes.style.display = state.drawing ? "none" : "";
    targets.toggleAttribute("hidden", state.drawing);
    for (const kind of ["lines halo", "lines"]) put(kind, smooth ? "" : allBorders(map));
    put("contours", state.contours && shown.asked ? contours(map, scores, scale) : "");
    const running = shown.state === "hiding" && shown.asked < map.regions;
    const open = running ? map.own.filter((r) => !shown.rows[r] && r !== shown.hiding && map.areas[r]) : [];
    put("waiting", shown.hiding == null ? "" : open.map((r) => `M${map.middles[r][0].toFixed(1)} ${map.middles[r][1].toFixed(1)}h0`).join(""));
    hide(shown.state === "hiding" ? shown.hiding : null);
    const outline = (region) => (map.areas[region] ? borderOf(map, region) : "");
    const picked = shown.edits == null && !shown.marking ? [state.pin] : [...state.picked];
    for (const kind of ["pin halo", "pin"]) put(kind, shown.marking ? "" : picked.map(outline).join(""));
    for (const kind of ["guess halo", "guess"]) put(kind, outlineOf(map, shown.marking ? state.picked : shown.predicted));
    for (const kind of ["hover halo", "hover"]) put(kind, outline(state.hover));
    weighed = weights;
    if (pinned !== picked.join()) {
      for (const region of pinned.split(",")) buttons[region]?.setAttribute("aria-pressed", "false");
      for (const region of picked) buttons[region]?.setAttribute("aria-pressed", "true");
      pinned = picked.join();
    }
    link(map, linksIn(map, links));
    marks(map, marked);
    const faint = shown.asked > 0 && hardlyNeeds(shown, selection);
    stage.classList.toggle("faint", faint);
    showTag(selection, weights, errors);
  }

  function hide(region) {
    const covered = region == null || !map.areas[region] ? "" : surfaceOf(map, region);
    put("hidden", covered);
    const colour = shown.fills[number] && shown.fills[number].startsWith("#");
    paths.hidden.style.fill = colour ? shown.fills[number] : "none";
    clip.firstChild.setAttribute("d", covered);
    surface.style.display = covered && shown.fills[number] && !colour ? "" : "none";
    if (covered && !colour && shown.fills[number]) {
      surface.setAttribute("href", shown.fills[number]);
      surface.setAttribute("width", map.width);
      surface.setAttribute("height", map.height);
    }
  }

  function showTag({ from, to }, weights, errors) {
    const region = regionInView(state);
    tag.hidden = !map.areas[region] || state.drawing;
    if (tag.hidden) return;
    const score = weights[region];
    const lines = [element("strong", "", calledRegion(shown, region))];
    if (score === undefined) lines.push(` ${((100 * map.areas[region]) / (map.width * map.height)).toFixed(1)}% of the picture`);
    else if (Number.isNaN(score)) lines.push(" not asked yet");
    else {
      lines.push(` ${signed(score)}${plusMinus(errors, region)} ${shown.unit}`);
      if (!isSure(weights, errors, region)) lines.push(element("br"), "not sure: may be zero");
      if (shown.measured && shown.full && !shown.instead_of) {
        const full = sumOf(shown.full, from, to);
        const rare = `${factorText(Math.abs(score))} ${score < 0 ? "likelier" : "less likely"}`;
        lines.push(element("br"), `hidden: ${full < Math.log(0.01) ? rare : `${percent(full)} → ${percent(full - score)}`}`);
      }
    }
    tag.replaceChildren(...lines);
    const [left, top, right, bottom] = map.boxes[region];
    const [wide, high] = [stage.clientWidth, stage.clientHeight];
    const middle = (((left + right) / 2) * wide) / map.width - tag.offsetWidth / 2;
    const above = (top * high) / map.height - tag.offsetHeight - 8;
    const below = Math.min((bottom * high) / map.height + 8, high - tag.offsetHeight - 6);
    tag.style.left = `${Math.max(6, Math.min(wide - tag.offsetWidth - 6, middle))}px`;
    tag.style.top = `${above > 4 ? above : below}px`;
  }

  const focus = () => targets.querySelector("[tabindex='0']")?.focus();

  return { draw, focus, image };
}
