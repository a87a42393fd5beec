// Regions as shapes: outlines for the SVG over the picture, and the region at a point.

// The borders between pixels whose atoms are of different kinds (`kind` has a number for each atom), as SVG path data.
// With `rim` the edge of the picture is a border, too.
function borders(map, kind, [left, top, right, bottom], rim) {
  const { at, width, height } = map;
  const none = -1e9;
  const parts = [];
  for (let y = top; y <= bottom; y++) {
    if (!rim && (y === 0 || y === height)) continue;
    let start = -1;
    for (let x = left; x <= right; x++) {
      const above = x < right && y > 0 ? kind[at[(y - 1) * width + x]] : none;
      const below = x < right && y < height ? kind[at[y * width + x]] : none;
      const differs = x < right && above !== below;
      if (differs && start < 0) start = x;
      if (!differs && start >= 0) {
        parts.push(`M${start} ${y}H${x}`);
        start = -1;
      }
    }
  }
  for (let x = left; x <= right; x++) {
    if (!rim && (x === 0 || x === width)) continue;
    let start = -1;
    for (let y = top; y <= bottom; y++) {
      const before = y < bottom && x > 0 ? kind[at[y * width + x - 1]] : none;
      const after = y < bottom && x < width ? kind[at[y * width + x]] : none;
      const differs = y < bottom && before !== after;
      if (differs && start < 0) start = y;
      if (!differs && start >= 0) {
        parts.push(`M${x} ${start}V${y}`);
        start = -1;
      }
    }
  }
  return parts.join("");
}

const everything = (map) => [0, 0, map.width, map.height];

function allBorders(map) {
  map.lines ??= borders(map, Int32Array.from(map.held, (_, atom) => atom), everything(map), false);
  return map.lines;
}

function borderOf(map, region) {
  map.outlines ??= new Map();
  if (!map.outlines.has(region)) {
    const inside = Int32Array.from(map.held, (held) => (held.includes(region) ? 1 : -1e9));
    map.outlines.set(region, map.areas[region] ? borders(map, inside, map.boxes[region], true) : "");
  }
  return map.outlines.get(region);
}

// A region as rectangles, as SVG path data that can be filled.
function surfaceOf(map, region) {
  const { at, width, held } = map;
  const [left, top, right, bottom] = map.boxes[region];
  const inside = held.map((regions) => regions.includes(region));
  const open = new Map(); // "from,to" of a rectangle that is still open -> the row in which it began
  const parts = [];
  const close = (key, y) => {
    const [from, to] = key.split(",");
    parts.push(`M${from} ${open.get(key)}H${to}V${y}H${from}Z`);
    open.delete(key);
  };
  for (let y = top; y <= bottom; y++) {
    const spans = new Set();
    let start = -1;
    for (let x = left; y < bottom && x <= right; x++) {
      const is = x < right && inside[at[y * width + x]];
      if (is && start < 0) start = x;
      if (!is && start >= 0) {
        spans.add(`${start},${x}`);
        start = -1;
      }
    }
    for (const key of [...open.keys()]) if (!spans.has(key)) close(key, y);
    for (const key of spans) if (!open.has(key)) open.set(key, y);
  }
  return parts.join("");
}

// The smallest region at a point, given in fractions of the picture; -1 if there is none.
function regionAt(map, shareX, shareY) {
  const x = Math.floor(shareX * map.width);
  const y = Math.floor(shareY * map.height);
  if (x < 0 || y < 0 || x >= map.width || y >= map.height) return -1;
  let smallest = -1;
  for (const region of map.held[map.at[y * map.width + x]]) {
    if (smallest < 0 || map.areas[region] < map.areas[smallest]) smallest = region;
  }
  return smallest;
}

// The nearest region in the direction of an arrow key; -1 if there is none.
function neighbour(map, region, [right, down]) {
  const [x, y] = map.middles[region];
  let best = -1;
  let least = Infinity;
  map.middles.forEach(([otherX, otherY], other) => {
    const along = (otherX - x) * right + (otherY - y) * down;
    const aside = Math.abs((otherX - x) * down) + Math.abs((otherY - y) * right);
    if (other === region || along < 1 || !map.areas[other]) return;
    const far = along + 2.5 * aside;
    if (far < least) {
      least = far;
      best = other;
    }
  });
  return best;
}
