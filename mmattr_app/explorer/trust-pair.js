// Two maps side by side: in one scale if both have the same unit, else each in a scale of its own.

function pairOf(shown, one, weights, smooth) {
  const maps = [[shown, shown.map, weights.map((weight, region) => (shown.map.areas[region] ? weight : 0))], [one, readMap(one.map), Float32Array.from(one.weights)]];
  const ends = maps.map(([{ unit }, , scores]) => Math.max(floorOf({ unit }), largest(scores)));
  const pair = element("div", "pair");
  pair.style.setProperty("--aspect", shown.picture.width / shown.picture.height);
  maps.forEach(([{ unit }, map, scores], place) => {
    const figure = element("figure");
    const { face, canvas } = faceOf(shown);
    const scale = one.unit === shown.unit ? Math.max(...ends) : ends[place];
    paintSmall(canvas, map, scores, scale, smooth && Boolean(gridOf(map)));
    const main = mainRegions({ unit }, scores);
    figure.append(face, element("figcaption", "", `${one.titles[place]}: ${main.length ? placesOf(map, main) : "no single region"}`));
    pair.append(figure);
  });
  if (areSeveral(shown)) pair.append(element("p", "note", "Here the maps of the first picture are compared, not those of the others."));
  return pair;
}
