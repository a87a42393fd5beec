// The numbers on the map, of the regions that the sentence names.

const APART = 30; // pixels on the screen: numbers closer than this cannot be read

function marksView(find, stage) {
  const marks = find(".marks");
  let drawn = "";
  return (map, all) => {
    const regions = map ? all.filter((region) => map.areas[region]) : [];
    const key = map ? `${map.runs.length}|${map.regions}|${regions.join()}` : "";
    if (key === drawn) return;
    drawn = key;
    const apart = [];
    for (const region of regions) {
      const [x, y] = insideOf(map, region);
      const near = (other) => Math.hypot(x - other[0], y - other[1]) * (stage.clientWidth / map.width) < APART;
      if (!apart.some((other) => near(insideOf(map, other)))) apart.push(region);
    }
    marks.replaceChildren(...apart.map((region) => writtenNumber(map, region)));
  };
}

// The same on a canvas, for the PNG; `scale` is pixels of the canvas for one pixel of the map.
function drawMarks(context, map, regions, scale, left, top) {
  context.font = `700 ${Math.max(16, 14 * scale)}px "IBM Plex Sans", system-ui, sans-serif`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineWidth = 4;
  for (const region of regions.filter((one) => map.areas[one])) {
    const [x, y] = insideOf(map, region);
    context.strokeStyle = "#fff";
    context.strokeText(String(numberIn(map, region)), left + x * scale, top + y * scale);
    context.fillStyle = "#13201c";
    context.fillText(String(numberIn(map, region)), left + x * scale, top + y * scale);
  }
  context.textAlign = "left";
  context.textBaseline = "alphabetic";
}
