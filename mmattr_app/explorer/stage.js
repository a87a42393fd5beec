// The picture with its heatmap, the outlines over it, the regions as things to point at, and the legend below.

const MORE = { weight: "more weight", order: "taken first", dependence: "depends more" }; // scores that are no support
const SVG = "http://www.w3.org/2000/svg";

// Whether the map of a grid is drawn smoothly: where its method knows errors, or pixels, or somebody said so.
const isSmooth = (shown, state) => Boolean(shown.map && gridOf(shown.map)) && (state.smooth ?? Boolean(shown.errors || shown.pixels));

// The region, and the word beside the regions, that is pointed at, or else held; -1 for none.
const regionInView = ({ hover, pin }) => (hover >= 0 ? hover : pin);
const otherInView = ({ other, held }) => (other >= 0 ? other : held);

function stageView(find, prefix, state, changed) {
  const stage = find(".stage");
  const [image, canvas, shapes, targets, tag] = [".picture", ".heatmap", ".shapes", ".targets", ".tag"].map(find);
  const preview = previewView(find, stage);
  const paths = {};
  const surface = document.createElementNS(SVG, "image");
  const clip = document.createElementNS(SVG, "clipPath");
  clip.id = `${prefix}hidden`;
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

  const point = (region) => {
    if (region === state.hover) return;
    state.hover = region;
    changed();
  };
  const pin = (region) => {
    if (shown.edits == null && !shown.marking) state.pin = state.pin === region ? -1 : region;
    else if (!state.picked.delete(region)) state.picked.add(region);
    changed();
  };

  function place() {
    map = shown.map;
    const order = [...map.areas.keys()].filter((region) => map.areas[region]).sort((a, b) => map.areas[b] - map.areas[a]);
    buttons = [];
    pinned = "";
    for (const region of order) {
      const [left, top, right, bottom] = map.boxes[region];
      const button = element("button");
      button.type = "button";
      button.tabIndex = -1;
      button.dataset.region = region;
      button.ariaLabel = `Region ${region + 1} of ${map.regions}`;
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
  new ResizeObserver(sharpen).observe(stage); // reading a size while drawing would lay out the page twice
  targets.addEventListener("focusin", (event) => {
    if (!event.target.matches(":focus-visible")) return;
    for (const button of targets.children) button.tabIndex = button === event.target ? 0 : -1;
    const region = Number(event.target.dataset.region);
    const score = weighed[region] ?? NaN;
    const says = Number.isNaN(score) ? "" : `, ${signed(score)} ${shown.unit}`; // said when it is reached
    event.target.ariaLabel = `Region ${region + 1} of ${map.regions}${says}`;
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

  function draw(current, selection, weights, errors) {
    shown = current;
    const { picture } = shown;
    if (!picture) {
      image.removeAttribute("src");
      map = null;
      return;
    }
    if (image.getAttribute("src") !== picture.url) image.src = picture.url;
    stage.style.setProperty("--aspect", picture.width / picture.height);
    stage.classList.toggle("mapped", shown.asked > 0);
    stage.style.setProperty("--opacity", state.opacity);
    canvas.hidden = !shown.map || !shown.asked;
    const plain = !shown.asked && !state.drawing && !shown.keptBack; // nothing but the regions is to be seen
    preview(shown.map, plain && Boolean(shown.map));
    if (!shown.map) {
      map = null;
      targets.replaceChildren();
      Object.keys(paths).forEach((kind) => put(kind, ""));
      tag.hidden = true;
      marks(null, []);
      link(null, []);
      return;
    }
    if (map !== shown.map) place();
    if (state.hover >= map.regions) state.hover = -1;
    if (state.pin >= map.regions) state.pin = -1;
    const certain = withoutRest(shown, surely(weights, errors));
    const scores = atomScores(map, certain);
    const scale = scaleOf(shown, scores, state.wide);
    const before = smooth;
    const ofPixels = showsPixels(shown, state);
    smooth = Boolean((ofPixels || isSmooth(shown, state)) && shown.asked);
    if (smooth !== before) sharpen();
    const painted = `${selection.from},${selection.to},${scale},${shown.asked},${smooth},${ofPixels && state.wide}`;
    if (canvas.painted !== painted || canvas.map !== map || canvas.rows !== shown.encoded) {
      Object.assign(canvas, { painted, map, rows: shown.encoded });
      if (ofPixels) {
        const cells = pixelScores(shown, selection.from, selection.to);
        paintPixels(canvas, shown.pixels, cells, state.wide ? Math.max(loudest(cells), loudestOfAnswer(shown)) : loudest(cells));
      } else if (smooth) paintSmooth(canvas, gridOf(map), certain, scale);
      else paint(canvas, map, Uint32Array.from(scores, (score) => inked(score / scale)));
    }
    shapes.classList.toggle("preview", plain);
    shapes.style.display = state.drawing ? "none" : "";
    targets.toggleAttribute("hidden", state.drawing);
    for (const kind of ["lines halo", "lines"]) put(kind, smooth ? "" : allBorders(map));
    put("contours", state.contours && shown.asked ? contours(map, scores, scale) : "");
    const running = shown.state === "hiding" && shown.asked < map.regions;
    const open = running ? [...map.middles.keys()].filter((r) => !shown.rows[r] && r !== shown.hiding && map.areas[r]) : [];
    put("waiting", shown.hiding == null ? "" : open.map((r) => `M${map.middles[r][0].toFixed(1)} ${map.middles[r][1].toFixed(1)}h0`).join(""));
    hide(shown.state === "hiding" ? shown.hiding : null);
    const outline = (region) => (region >= 0 ? borderOf(map, region) : "");
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
    const main = shown.asked ? mainRegions(shown, certain) : [];
    const links = shown.asked ? linksOf(shown, selection) : [];
    link(map, links);
    marks(map, [...new Set([...main, ...endsOf(links)])]);
    const faint = shown.asked > 0 && hardlyNeeds(shown, selection);
    stage.classList.toggle("faint", faint);
    find(".faintly").hidden = !faint;
    legend(scale, weights, ofPixels);
    showTag(selection, weights, errors);
  }

  function hide(region) {
    const covered = region == null || !map.areas[region] ? "" : surfaceOf(map, region);
    put("hidden", covered);
    const colour = shown.fill && shown.fill.startsWith("#");
    paths.hidden.style.fill = colour ? shown.fill : "none";
    clip.firstChild.setAttribute("d", covered);
    surface.style.display = covered && shown.fill && !colour ? "" : "none";
    if (covered && !colour && shown.fill) {
      surface.setAttribute("href", shown.fill);
      surface.setAttribute("width", map.width);
      surface.setAttribute("height", map.height);
    }
  }

  function legend(scale, weights, ofPixels) {
    const end = ofPixels ? "" : `+${scale < 0.1 ? scale.toPrecision(2) : scale.toFixed(1)} ${shown.unit}`;
    find(".low").textContent = shown.reads in MORE ? "" : `${end.replace("+", "−").replace(shown.unit, "").trim()} against`;
    find(".high").textContent = `${MORE[shown.reads] || "supports"} ${end}`.trim();
    const region = regionInView(state);
    const needle = find(".needle");
    needle.hidden = !(region >= 0 && !Number.isNaN(weights[region]) && weights[region] !== undefined);
    if (!needle.hidden) needle.style.left = `${50 + 50 * Math.max(-1, Math.min(1, weights[region] / scale))}%`;
  }

  function showTag({ from, to }, weights, errors) {
    const region = regionInView(state);
    tag.hidden = region < 0 || !map.areas[region] || state.drawing;
    if (tag.hidden) return;
    const score = weights[region];
    const lines = [element("strong", "", `Region ${region + 1}`)];
    if (score === undefined) lines.push(` ${((100 * map.areas[region]) / (map.width * map.height)).toFixed(1)}% of the picture`);
    else if (Number.isNaN(score)) lines.push(" not asked yet");
    else {
      lines.push(` ${signed(score)}${plusMinus(errors, region)} ${shown.unit}`);
      if (!isSure(weights, errors, region)) lines.push(element("br"), "not sure: may be zero");
      if (shown.measured && shown.full) {
        const full = sumOf(shown.full, from, to);
        const rare = `${fewer(Math.abs(score))} ${score < 0 ? "likelier" : "less likely"}`;
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

  return { draw, point, pin, focus };
}
