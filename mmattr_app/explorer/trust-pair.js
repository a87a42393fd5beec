// The maps of two occluders side by side, in one scale.

function pairOf(shown, one, weights, smooth) {
  const other = readMap(one.map);
  const scale = Math.max(FLOOR, largest(weights), largest(one.weights));
  const maps = [[shown.map, weights], [other, Float32Array.from(one.weights)]];
  const pair = element("div", "pair");
  pair.style.setProperty("--aspect", shown.picture.width / shown.picture.height);
  maps.forEach(([map, scores], place) => {
    const figure = element("figure");
    const face = element("span", "face");
    const picture = element("img");
    picture.src = shown.picture.url;
    picture.alt = "";
    const canvas = element("canvas");
    paintSmall(canvas, map, scores, scale, smooth && Boolean(gridOf(map)));
    face.append(picture, canvas);
    const main = mainRegions(shown, scores);
    figure.append(face, element("figcaption", "", `Hidden by ${one.looks[place]}: ${main.length ? placesOf(map, main) : "no single region"}`));
    pair.append(figure);
  });
  return pair;
}
