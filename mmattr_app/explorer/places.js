// Where regions are, in words, such as "upper left".

const ROWS = ["upper", "", "lower"];
const COLUMNS = ["left", "", "right"];
const third = (share) => (share < 1 / 3 ? 0 : share < 2 / 3 ? 1 : 2);

function placeOf(map, region) {
  if (region === map.rest) return "rest of the picture";
  const [x, y] = map.middles[region];
  const [row, column] = [ROWS[third(y / map.height)], COLUMNS[third(x / map.width)]];
  if (row && column) return `${row} ${column}`;
  if (column) return `${column} side`;
  return { upper: "top", lower: "bottom" }[row] || "middle";
}

const areSeveral = (shown) => shown.pictures.length > 1;

// The number of the picture that a region belongs to, from 0; and that picture's map.
const pictureOf = (shown, region) => Math.max(0, shown.maps.findIndex((map) => map?.areas[region]));
const mapWith = (shown, region) => shown.maps[pictureOf(shown, region)];

// A region's number in its picture, from 1; and its name, such as "Region 3".
const numberIn = (map, region) => map.own.indexOf(region) + 1;
const numberOf = (shown, region) => numberIn(mapWith(shown, region), region);
const calledRegion = (shown, region) => (areSeveral(shown) ? `Picture ${pictureOf(shown, region) + 1}, region ` : "Region ") + numberOf(shown, region);

const withLowerFirst = (called) => called[0].toLowerCase() + called.slice(1);

const ofPicture = (shown, region) => (areSeveral(shown) ? ` of picture ${pictureOf(shown, region) + 1}` : "");

// Where a region is: "upper left", or "picture 2, upper left".
function placeIn(shown, region) {
  const place = placeOf(mapWith(shown, region), region);
  return areSeveral(shown) ? `picture ${pictureOf(shown, region) + 1}, ${place}` : place;
}

// The places of some regions, each once: "the top and the upper left"; with several pictures also "of picture 2".
function placesIn(shown, regions) {
  if (!areSeveral(shown)) return placesOf(shown.map, regions);
  const numbers = [...new Set(regions.map((region) => pictureOf(shown, region)))];
  const of = (number) => regions.filter((region) => pictureOf(shown, region) === number);
  return listed(numbers.map((number) => `${placesOf(shown.maps[number], of(number))} of picture ${number + 1}`));
}

function placesOf(map, regions) {
  const places = [...new Set(regions.map((region) => placeOf(map, region)))].map((place) => `the ${place}`);
  return listed(places);
}

// What a sentence calls all pictures of the question.
const pictureSays = (shown) => (areSeveral(shown) ? "the pictures" : "the picture");

const wholeSays = (shown) => (areSeveral(shown) ? "all pictures" : "the whole picture");

// "a, b and c".
const listed = (texts) => (texts.length > 1 ? `${texts.slice(0, -1).join(", ")} and ${texts[texts.length - 1]}` : texts[0]);
