// Links between regions that need each other or can replace each other, if the method finds them: as lines and in a sentence.

const MOST_LINKS = 6; // more lines would hide the picture
const WIDEST = 7; // pixels: width of the line of the strongest link

// The strongest links of the selection, [{pair: [region, region], value}]. The rest of the picture is one player too, but
// has no place for a line.
function linksOf(shown, { from, to }) {
  const { links, selection } = shown;
  if (!links || (selection && !(selection.includes(from) && selection.includes(to)))) return [];
  return links.pairs
    .map((pair, i) => ({ pair, value: sumOf(links.values[i], from, to) }))
    .filter(({ pair, value }) => !pair.includes(links.rest) && Math.abs(value) >= SAYS)
    .sort((a, b) => Math.abs(b.value) - Math.abs(a.value))
    .slice(0, MOST_LINKS);
}

// The scores with 0 for the rest of the picture, which would cover most of the picture with one colour.
const withoutRest = (shown, weights) => weights.map((weight, region) => (region === shown.links?.rest ? 0 : weight));

// The links whose two regions lie in this picture.
const linksIn = (map, links) => links.filter(({ pair }) => pair.every((region) => map.areas[region]));

// The regions whose numbers stand on the pictures: those that matter most, and the ends of links.
const markedRegions = (shown, certain, links) => [...new Set([...mainRegions(shown, certain), ...links.flatMap(({ pair }) => pair)])];

// The sentence about the selection, and a second one about its links.
function sentences(shown, selection, weights, errors) {
  const said = sentence(shown, selection, weights, errors);
  if (!shown.links || !said.length) return said;
  const links = linksOf(shown, selection);
  const [needs, same] = [1, -1].map((side) => links.find(({ value }) => side * value > 0));
  const told = ({ pair, value }, does) => ["regions ", { region: pair[0] }, `${ofPicture(shown, pair[0])} and `, { region: pair[1] }, `${ofPicture(shown, pair[1])} ${does} (${signed(value)} ${shown.unit})`];
  const parts = [...(needs ? told(needs, "need each other") : []), needs && same ? ", and " : "", ...(same ? told(same, "can replace each other") : [])];
  return [...said, " In pairs, ", ...(needs || same ? parts : ["none of the regions that count most needs another or can replace it"]), "."];
}

function linksView(shapes) {
  const group = document.createElementNS(SVG, "g");
  shapes.append(group);
  let drawn = "";
  return (map, links) => {
    const key = map ? JSON.stringify([map.runs.length, map.regions, links]) : "";
    if (key === drawn) return;
    drawn = key;
    group.replaceChildren(...linesOf(map, links).flatMap(({ data, colour, width }) => [["#fff", width + 3], [colour, width]].map(([stroke, wide]) => {
      const line = document.createElementNS(SVG, "path");
      line.setAttribute("class", "link");
      line.setAttribute("d", data);
      Object.assign(line.style, { stroke, strokeWidth: wide });
      return line;
    })));
  };
}

// The same on a canvas, for the PNG; `scale` is pixels of the canvas for one pixel of the map.
function drawLinks(context, map, links, scale, left, top) {
  context.save();
  context.translate(left, top);
  context.scale(scale, scale);
  context.lineCap = "round";
  for (const { data, colour, width } of linesOf(map, links)) {
    for (const [stroke, wide] of [["#fff", width + 3], [colour, width]]) {
      Object.assign(context, { strokeStyle: stroke, lineWidth: wide / scale });
      context.stroke(new Path2D(data));
    }
  }
  context.restore();
}

// Each link as a line between two regions: orange if they need each other, blue if one can replace the other.
function linesOf(map, links) {
  const most = largest(links.map(({ value }) => value));
  return links.map(({ pair, value }) => ({
    data: pair.map((region) => insideOf(map, region)).map(([x, y], i) => `${i ? "L" : "M"}${x.toFixed(1)} ${y.toFixed(1)}`).join(""),
    colour: rgb(value < 0 ? -0.68 : 0.66),
    width: Math.max(2, (WIDEST * Math.abs(value)) / most),
  }));
}
