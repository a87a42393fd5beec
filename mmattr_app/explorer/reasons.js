// Tab "Why this word": the players that matter most to the selection, as bars: regions, and words if they are players.
// Players are numbered from 0, first all regions, then the words.

function whyTab(stage, state, changed, heard) {
  const made = element("div", "why");
  const head = element("div", "row head");
  const list = element("div", "rows");
  const rest = element("p", "note");
  const contrast = contrastForm(heard);
  made.append(head, list, rest, contrast.made);
  const rows = new Map();
  let source = "";
  let drawn = null; // the message for which this was checked last

  function pointOther(other) {
    state.other = other;
    changed();
  }

  function rowOf(shown, player, regions) {
    const [row, other] = [element("button", "row"), player - regions];
    row.type = "button";
    row.dataset.bar = player;
    row.called = other < 0 ? calledRegion(shown, player) : `“${shown.others[other].name}”, ${shown.others[other].kind}`;
    if (other < 0) {
      row.thumb = element("canvas", "thumb");
      row.append(row.thumb, element("span", "number", String(numberOf(shown, player))));
      if (areSeveral(shown)) row.lastChild.append(element("small", "", `picture ${pictureOf(shown, player) + 1}`));
    } else row.append(element("span", "other", shown.others[other].name));
    row.track = element("span", "track");
    row.fillBar = element("i");
    row.whisker = element("b");
    row.chance = element("span", "chance");
    row.track.append(row.fillBar, row.whisker);
    row.append(row.track, row.chance);
    const point = other < 0 ? stage.point : (to) => pointOther(to < 0 ? -1 : other);
    for (const event of ["pointerenter", "focus"]) row.addEventListener(event, () => point(player));
    for (const event of ["pointerleave", "blur"]) row.addEventListener(event, () => point(-1));
    if (other < 0) row.addEventListener("click", () => stage.pin(player));
    return row;
  }

  function draw(shown, selection, ofRegions, _, __, errorsOfRegions, { beside, errorsBeside }) {
    const { from, to } = selection;
    const regions = ofRegions.length;
    const weights = Float32Array.from([...ofRegions, ...beside]);
    const errors = errorsOfRegions || errorsBeside ? [...(errorsOfRegions || []), ...(errorsBeside || [])] : null;
    const known = [...weights.keys()].filter((region) => !Number.isNaN(weights[region]));
    if (drawn !== shown) {
      drawn = shown;
      const drawnFrom = shown.pictures.map(({ url }) => url).join() + shown.maps.map((map) => map?.runs).join() + JSON.stringify(shown.others);
      if (source !== drawnFrom) rows.clear();
      source = drawnFrom;
    }
    const order = known.slice().sort((a, b) => Math.abs(weights[b]) - Math.abs(weights[a]));
    const top = order.filter((region, i) => i < 3 || (i < 8 && Math.abs(weights[region]) >= 0.06 * floorOf(shown)));
    const error = (region) => (errors ? SURE * errors[region] : 0);
    const most = Math.max(floorOf(shown), ...top.map((region) => weights[region] + error(region)));
    const least = Math.max(0, ...top.map((region) => -weights[region]), ...top.map((region) => error(region) - weights[region]));
    const zero = least ? Math.max(4, (100 * least) / (most + least)) : 0;
    const perNat = Math.min((100 - zero) / most, least ? zero / least : Infinity);
    const full = shown.full ? sumOf(shown.full, from, to) : NaN;
    const chances = shown.measured && !shown.instead_of && full >= Math.log(0.01);
    const titles = [shown.others.length ? "Hidden" : "Region", shown.measured ? `Lost when hidden, ${shown.unit}` : ["Weight", shown.unit].filter(Boolean).join(", "), chances ? "Probability" : ""];
    head.replaceChildren(...titles.map((title) => element("span", "", title)));
    const nodes = top.map((region) => {
      if (!rows.has(region)) rows.set(region, rowOf(shown, region, regions));
      const row = rows.get(region);
      const score = weights[region];
      const picture = row.thumb && stage.imageWith(region);
      if (picture && row.drawn !== picture.src && picture.complete && picture.naturalWidth) {
        row.drawn = picture.src;
        thumbnail(row.thumb, picture, mapWith(shown, region), region);
      }
      row.track.style.setProperty("--zero", `${zero}%`);
      const width = Math.max(0.6, Math.abs(score) * perNat);
      row.fillBar.style.left = `${score < 0 ? zero - width : zero}%`;
      row.fillBar.style.width = `${width}%`;
      row.fillBar.style.background = rgb(score < 0 ? -0.68 : 0.66);
      row.whisker.hidden = !errors;
      if (errors) {
        row.whisker.style.left = `${zero + (score - error(region)) * perNat}%`;
        row.whisker.style.right = `${100 - zero - (score + error(region)) * perNat}%`;
      }
      const after = element("strong", "", chances ? percent(full - score) : signed(score));
      row.chance.replaceChildren(...(chances ? [`${percent(full)} → `, after] : [after]));
      const sure = isSure(weights, errors, region);
      const doubt = sure ? "" : ", not sure";
      row.ariaLabel = `${row.called}: ${signed(score)}${plusMinus(errors, region)} ${shown.unit}${chances ? `, ${row.chance.textContent}` : ""}${doubt}`;
      row.title = `${signed(score)}${plusMinus(errors, region)} ${shown.unit}${doubt}`;
      row.classList.toggle("unsure", !sure);
      row.classList.toggle("on", region < regions ? region === regionInView(state) : region - regions === otherInView(state));
      return row;
    });
    if (nodes.length !== list.children.length || nodes.some((node, i) => list.children[i] !== node)) list.replaceChildren(...nodes);
    const others = known.filter((region) => !top.includes(region));
    const peak = largest(others.map((region) => weights[region]));
    const together = others.reduce((sum, region) => sum + weights[region], 0);
    const each = peak < 0.01 ? "under 0.01" : `at most ${peak.toFixed(2)}`;
    const pale = top.some((region) => !isSure(weights, errors, region)) ? "Pale bars are not sure: they may be zero, and the map does not draw them. " : "";
    const sum = `${signed(together)} ${shown.unit}`.trim();
    const told = others.length > 1 ? `The other ${others.length}${shown.others.length ? "" : " regions"}: each ${each}, together ${sum}.` : `The other one: ${sum}.`;
    rest.textContent = pale + (others.length ? told : "");
    contrast.draw(shown, selection);
  }

  return { made, draw };
}

// Draws a region with a little of what is around it, and its outline.
function thumbnail(canvas, picture, map, region) {
  const size = 80;
  const [left, top, right, bottom] = map.boxes[region];
  const side = Math.max(right - left, bottom - top, 8) * 1.3;
  const [x, y] = [(left + right - side) / 2, (top + bottom - side) / 2];
  const zoom = size / side;
  canvas.width = canvas.height = size;
  const context = canvas.getContext("2d");
  context.setTransform(zoom, 0, 0, zoom, -x * zoom, -y * zoom);
  context.drawImage(picture, 0, 0, map.width, map.height);
  const outline = new Path2D(borderOf(map, region));
  for (const [colour, width] of [["#fff", 5], ["#13201c", 2]]) {
    context.lineWidth = width / zoom;
    context.strokeStyle = colour;
    context.stroke(outline);
  }
}
