// Decodes a message into typed arrays. What has not changed since the message before is taken from there.

function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes.buffer;
}

function half(bits) {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return fraction ? NaN : sign * Infinity;
  return exponent ? sign * 2 ** (exponent - 25) * (1024 + fraction) : sign * 2 ** -24 * fraction;
}

function readRow(base64) {
  return Float32Array.from(new Uint16Array(bytesOf(base64)), half);
}

// Decodes a map: the atom of each pixel, and for each region its number of pixels, its box [left, top, right, bottom] and
// its middle. With several pictures, the map of each counts the regions of all: `own` lists its own ones, and the others
// have no pixels in it.
function readMap(map) {
  const { width, height, holders } = map;
  const own = map.own ? Array.from(map.own) : Array.from({ length: map.regions }, (_, region) => region);
  const regions = map.total ?? map.regions;
  const Words = map.bytes === 2 ? Uint16Array : Uint32Array;
  const runs = new Words(bytesOf(map.runs));
  const at = new Words(width * height);
  const areas = new Float64Array(regions);
  const middles = Array.from({ length: regions }, () => [0, 0]);
  const longest = Array.from({ length: regions }, () => [0, 0, 0]); // the middle of its longest run of pixels, and its length
  const boxes = Array.from({ length: regions }, () => [width, height, 0, 0]);
  const held = holders ? Array.from(holders, (regionsOfAtom) => Array.from(regionsOfAtom, (region) => own[region])) : own.map((region) => [region]);
  let pixel = 0;
  for (let i = 0; i < runs.length; i += 2) {
    const count = runs[i + 1]; // a run lies in one row of pixels
    at.fill(runs[i], pixel, pixel + count);
    const left = pixel % width;
    const top = (pixel - left) / width;
    for (const region of held[runs[i]]) {
      const box = boxes[region];
      if (count > longest[region][2]) longest[region] = [left + count / 2, top + 0.5, count];
      areas[region] += count;
      middles[region][0] += count * (left + count / 2);
      middles[region][1] += count * (top + 0.5);
      if (left < box[0]) box[0] = left;
      if (top < box[1]) box[1] = top;
      if (left + count > box[2]) box[2] = left + count;
      if (top + 1 > box[3]) box[3] = top + 1;
    }
    pixel += count;
  }
  middles.forEach((middle, region) => {
    middle[0] /= areas[region] || 1;
    middle[1] /= areas[region] || 1;
  });
  return { runs: map.runs, at, width, height, regions, own, held, areas, boxes, middles, longest };
}

// Decodes a whole matrix, as an array of rows with `wide` numbers each.
function readBlock(base64, wide) {
  const values = readRow(base64);
  return Array.from({ length: values.length / wide }, (_, row) => values.subarray(row * wide, (row + 1) * wide));
}

// A copy of plain arrays and objects: Gradio gives proxies in their place.
function copyOf(value) {
  if (value === null || typeof value !== "object") return value;
  if (typeof value.length === "number") return Array.from(value, copyOf);
  return Object.fromEntries(Object.keys(value).map((key) => [key, copyOf(value[key])]));
}

function mapOf(map, links, before) {
  const known = before && before.runs === map.runs && before.regions === (map.total ?? map.regions) && before.width === map.width;
  const alike = known && (!map.own || String(Array.from(map.own)) === String(before.own));
  const rest = links?.rest ?? -1; // the region that stands for all other regions together
  return alike && before.rest === rest ? before : { ...readMap(map), rest };
}

function decode(message, before) {
  const pieces = Array.from(message.pieces || []);
  const encoded = message.block ? [message.block] : Array.from(message.rows || []);
  const related = before && (before.job === message.job || before.job === message.base || before.base === message.job);
  const same = related && before.pieces.join("\n") === pieces.join("\n");
  const sent = [message, ...Array.from(message.further || [])]; // the first picture, and the others, which have the same fields
  const maps = sent.map(({ map }, number) => (map ? mapOf(map, message.links, before?.maps[number]) : null));
  const rows = message.block ? readBlock(message.block, pieces.length) : encoded.map((row, region) => {
    if (!row) return null;
    return same && before.encoded[region] === row ? before.rows[region] : readRow(row);
  });
  return {
    ...message,
    same: Boolean(same),
    pieces,
    encoded,
    rows,
    asked: rows.filter(Boolean).length,
    errors: message.errors ? readBlock(message.errors, pieces.length) : null,
    correlation: message.correlation ? readBlock(message.correlation, pieces.length) : null,
    others: copyOf(message.others || []), // players that are not regions, mostly words
    otherRows: message.other_block ? readBlock(message.other_block, pieces.length) : [],
    otherErrors: message.other_errors ? readBlock(message.other_errors, pieces.length) : null,
    pixels: readPixelsOnce(message.pixels, before),
    texts: { ...message.texts },
    shares: message.shares ? { ...readShares(message.shares), given: message.shares.given ? readShares(message.shares.given) : null } : null,
    links: message.links ? { ...message.links, pairs: copyOf(message.links.pairs), values: readBlock(message.links.values, pieces.length) } : null,
    selection: message.selection ? Array.from(message.selection) : null, // the tokens that the map is for; null: all
    measured: message.reads === "measured loss",
    files: { ...message.files },
    code: { ...message.code }, // code that makes the result again, by its language
    curves: copyOf(message.curves || []),
    compared: copyOf(message.compared || []), // second maps of words
    trust: copyOf(message.trust || {}),
    compare: copyOf(message.compare || {}),
    full: message.full ? Array.from(message.full) : null,
    blank: message.blank ? Array.from(message.blank) : null,
    pictures: sent.map(({ picture }) => picture).filter(Boolean),
    fills: sent.map(({ fill }) => fill),
    maps,
    map: maps[0],
  };
}

function readPixelsOnce(sent, before) {
  if (!sent) return null;
  const source = sent.map(({ levels }) => levels).join();
  return before?.pixels?.source === source ? before.pixels : { source, pictures: readPixels(sent) };
}

const readShares = ({ kinds, values, joint, estimated }) => ({ estimated, kinds: Array.from(kinds), values: Array.from(values, readRow), joint: readRow(joint) });

// The shares to show: those for which the earlier words of the answer stay visible, where these are players, too.
const mainShares = (shown) => shown.shares && (shown.shares.given || shown.shares);

// Whether there are shares of the selection: a map of some words against another text has them for these words alone.
const hasShares = (shown, from, to) => Boolean(shown.shares) && (!shown.instead_of || (shown.selection.includes(from) && shown.selection.includes(to)));

const sumOf = (values, from, to) => {
  let sum = 0;
  for (let i = from; i <= to; i++) sum += values[i];
  return sum;
};

// Whether a kind of player is a picture: "picture", or "picture 2" if there are several.
const isPicture = (kind) => /^picture( \d+)?$/.test(kind);

// How many nats the tokens from..to lose when the whole picture is hidden, or, where words are players too, the Shapley
// value of the picture; NaN if it is not known yet.
function relianceOn(shown, from, to) {
  const shares = shown.instead_of ? null : mainShares(shown); // those of a contrast are no log-probabilities
  const seen = shares ? shares.values.filter((_, kind) => isPicture(shares.kinds[kind])) : [];
  if (seen.length) return seen.reduce((sum, row) => sum + sumOf(row, from, to), 0);
  return shown.full && shown.blank ? sumOf(shown.full, from, to) - sumOf(shown.blank, from, to) : NaN;
}

// Each region's score for the tokens from..to; NaN for a region that was not asked yet.
function weigh(shown, from, to) {
  return Float32Array.from(shown.rows, (row) => (row ? sumOf(row, from, to) : NaN));
}

// The same for each player that is not a region.
const weighOthers = (shown, from, to) => Float32Array.from(shown.otherRows, (row) => sumOf(row, from, to));

function largest(values) {
  let most = 0;
  for (const value of values) if (Math.abs(value) > most) most = Math.abs(value);
  return most;
}

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  if (text != null) made.textContent = text;
  return made;
}
