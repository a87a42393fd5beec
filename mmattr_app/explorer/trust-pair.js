// Two maps of each picture side by side: in one scale if both have the same unit, else each in a scale of its own.

function pairOf(shown, one, weights, smooth) {
  const others = Float32Array.from(one.maps.flatMap(({ weights: scores }) => scores));
  const sides = [{ scores: weights, unit: shown.unit }, { scores: others, unit: one.unit }];
  const ends = sides.map(({ unit, scores }) => Math.max(floorOf({ unit }), largest(scores)));
  const scales = one.unit === shown.unit ? ends.map(() => Math.max(...ends)) : ends;
  const mains = sides.map(({ unit, scores }) => mainRegions({ unit }, scores));
  const pair = element("div", "pair");
  let before = 0; // regions of the second map in the pictures before
  one.maps.forEach(({ picture, map: sent, weights: scores }) => {
    const [map, begin] = [readMap(sent), before];
    before += map.regions;
    const main = mains[1].filter((region) => region >= begin && region < before).map((region) => region - begin);
    const first = shown.maps[picture];
    const drawn = [[first, weights, mains[0].filter((region) => first.areas[region])], [map, Float32Array.from(scores), main]];
    drawn.forEach(([at, values, named], side) => {
      const figure = element("figure");
      const { face, canvas } = faceOf({ picture: shown.pictures[picture] });
      paintSmall(canvas, at, values, scales[side], smooth && Boolean(gridOf(at)));
      const of = areSeveral(shown) ? `Picture ${picture + 1}. ` : "";
      figure.append(face, element("figcaption", "", `${of}${one.titles[side]}: ${named.length ? placesOf(at, named) : "no single region"}`));
      pair.append(figure);
    });
  });
  return pair;
}
