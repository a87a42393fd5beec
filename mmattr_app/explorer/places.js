// Where regions are, in words.

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

// The different places of some regions, at most three: "the top and the upper left".
function placesOf(map, regions) {
  const places = [...new Set(regions.map((region) => placeOf(map, region)))].map((place) => `the ${place}`);
  return listed(places);
}

// "a, b and c".
const listed = (texts) => (texts.length > 1 ? `${texts.slice(0, -1).join(", ")} and ${texts[texts.length - 1]}` : texts[0]);
