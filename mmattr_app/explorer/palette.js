// The preview: a colour and a number for each region; equal regions always get equal colours.

const PALETTE = [[68, 170, 153], [204, 102, 119], [102, 90, 180], [214, 190, 80], [17, 119, 51], [120, 190, 230], [136, 34, 85], [153, 153, 51], [170, 68, 153]];
const READABLE = 22; // pixels on the screen: a region smaller than this gets no number
const RIM = 2; // pixels between a number and the edge of the picture
const MANY = 150; // with more regions than this no numbers are shown, since nobody could read them

const paletteColour = (number) => `rgb(${PALETTE[number % PALETTE.length].join(" ")})`;

// The colour of each atom. A region starts at its own place in the palette and takes the first colour that no neighbour with
// a lower number has.
function regionColours(map) {
  const tops = map.held.map((held) => held.reduce((least, region) => (least < 0 || map.areas[region] < map.areas[least] ? region : least), -1));
  const lower = Array.from({ length: map.regions }, () => new Set());
  const meet = (one, other) => {
    const [a, b] = [tops[one], tops[other]];
    if (a >= 0 && b >= 0 && a !== b) lower[Math.max(a, b)].add(Math.min(a, b));
  };
  const { at, width } = map;
  for (let i = 1; i < at.length; i++) {
    if (i % width && at[i] !== at[i - 1]) meet(at[i], at[i - 1]);
    if (i >= width && at[i] !== at[i - width]) meet(at[i], at[i - width]);
  }
  const places = [];
  lower.forEach((neighbours, region) => {
    const taken = new Set([...neighbours].map((other) => places[other]));
    const order = PALETTE.map((_, i) => (region + i) % PALETTE.length);
    places[region] = order.find((place) => !taken.has(place)) ?? order[0];
  });
  return tops.map((region) => (region < 0 ? 0 : packColour(PALETTE[places[region]], 84)));
}

// A point inside a region, for its number: the middle of the region, or else the middle of its longest row of pixels.
function insideOf(map, region) {
  const [x, y] = map.middles[region];
  if (regionAt(map, x / map.width, y / map.height) === region) return [x, y];
  return map.longest[region];
}

// An element with a region's number, placed inside the region.
function writtenNumber(map, region) {
  const number = element("span", "", String(numberIn(map, region)));
  const [x, y] = insideOf(map, region);
  number.style.left = `${(100 * x) / map.width}%`;
  number.style.top = `${(100 * y) / map.height}%`;
  return number;
}

// Whether all regions are full rectangles: then outlines are enough, and the picture is not coloured.
const isPlain = (map) =>
  map.own.every((region) => {
    const [left, top, right, bottom] = map.boxes[region];
    return map.areas[region] >= (right - left) * (bottom - top);
  });

// Move the middle of a label, in percent, so that the edge of the picture does not cut the label off.
function keepInside(middle, long, room) {
  const half = (100 * (long / 2 + RIM)) / room;
  return `${Math.max(half, Math.min(100 - half, parseFloat(middle)))}%`;
}

function previewView(find, stage) {
  const canvas = find(".tints");
  const numbers = find(".numbers");
  let map = null;
  let wide = 0;

  function write() {
    const scale = stage.clientWidth / map.width;
    const fits = (region) => Math.sqrt(map.areas[region]) * scale >= READABLE;
    const shown = map.own.length <= MANY ? map.own.filter(fits) : [];
    numbers.replaceChildren(...shown.map((region) => writtenNumber(map, region)));
    for (const number of numbers.children) {
      number.style.left = keepInside(number.style.left, number.offsetWidth, stage.clientWidth);
      number.style.top = keepInside(number.style.top, number.offsetHeight, stage.clientHeight);
    }
  }
  new ResizeObserver(() => {
    if (map && Math.abs(stage.clientWidth - wide) > 8) write();
    wide = stage.clientWidth;
  }).observe(stage);

  return (current, visible) => {
    canvas.hidden = numbers.hidden = !visible;
    if (!visible || map === current) return;
    map = current;
    if (isPlain(map)) canvas.width = canvas.height = 0;
    else paint(canvas, map, Uint32Array.from(regionColours(map)));
    write();
  };
}
