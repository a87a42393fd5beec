// Tab "Compare": the selection explained in several ways, the maps side by side, their figures and how alike they are.

const FEWEST = 2;
const MOST = 8; // maps at once

function compareTab(find, state, { onCompareMethods = () => {}, onOffer = () => {}, onStop = () => {}, plotly = "" }) {
  const made = element("div", "compare-methods");
  const why = element("p", "note");
  const choice = mapChoice(() => drawAct());
  const act = element("p", "act");
  const button = element("button", "firm");
  button.type = "button";
  const costs = element("span", "costs");
  act.append(button, costs);
  const bar = progressBar();
  const found = element("div", "found");
  made.append(why, choice.made, act, bar.made, found);
  let shown = null;
  let selection = null;
  let drawn = "";
  let priced = null; // the message of which the cost was asked
  const showCharts = chartsView(plotly);

  button.addEventListener("click", () => {
    if (button.ariaDisabled === "true") return;
    if (shown.compare.running) return onStop();
    onCompareMethods(tokensOf(selection), choice.maps().map(({ text }) => text));
    for (const list of choice.made.querySelectorAll("details")) list.open = false; // the maps come below it
    button.scrollIntoView({ block: "nearest" });
  });

  // The button, and what pressing it costs.
  function drawAct() {
    const { whynot, offers, running, says } = shown.compare;
    const maps = choice.maps();
    const count = maps.length;
    const masks = maps.reduce((sum, one) => sum + one.masks, 0);
    const pace = maps.every((one) => one.pace) && maps.reduce((sum, one) => sum + one.masks * one.pace, 0) / masks;
    const cannot = whynot || (shown.state === "done" ? "" : "Only a finished run can be compared.");
    button.textContent = running ? "Stop" : `Compare for ${calledHere(shown, selection)}`;
    button.ariaDisabled = String(!running && Boolean(cannot || !offers || count < FEWEST || count > MOST || shown.trust.running));
    const price = count < FEWEST ? "Choose two methods or more." : count > MOST ? `These are ${count} maps; choose at most ${MOST}.` : `${count} maps, at most ${masksText(masks, pace)}; what was asked before is not asked again.`;
    costs.textContent = running ? runningText(running) : cannot || [says, offers ? price : ""].filter(Boolean).join(" ");
    choice.made.hidden = Boolean(whynot) || !offers;
    bar.draw(running);
  }

  function drawFound(one) {
    const running = shown.compare.running;
    const waiting = running && isOf(running, selection) ? running.names.slice(one?.maps.length || 0) : [];
    const dark = document.body.matches(".dark, .dark *");
    const key = JSON.stringify([one, waiting, shown.job, shown.serial && isSmooth(shown, state), dark]);
    if (drawn === key) return;
    drawn = key;
    found.replaceChildren();
    if (!one && !waiting.length) return;
    const maps = one?.maps || [];
    const words = calledHere(shown, selection);
    found.append(element("h3", "", `The maps of ${words}`), mapsOf(shown, maps, waiting, isSmooth(shown, state)));
    if (!maps.length) return;
    found.append(element("p", "note", "Maps with the same unit have one scale; a map without a unit has its own. What is not sure is not drawn."));
    if (maps.length > 1 && !running) found.append(element("p", "verdict", likenessText(one)));
    found.append(figuresTable(maps), ...notesOn(one).map((text) => element("p", "note", text)));
    if (maps.length > 1) found.append(showCharts(one, words), correlationTable(one));
  }

  function draw(now, range) {
    [shown, selection] = [now, range];
    if (shown.live && shown.state === "done" && !shown.compare.offers && !shown.compare.whynot && priced !== shown.serial) {
      priced = shown.serial;
      onOffer();
    }
    why.textContent = "The same words, explained in several ways. What several maps show is more than the habit of one method.";
    choice.draw(shown);
    drawAct();
    drawFound(lastOf(shown.compare.found, selection));
  }

  return { made, draw };
}

// How far a comparison is, and about how long it still takes.
function runningText({ says, done, of, pace }) {
  const left = pace ? `, at most ${Math.max(1, Math.round((of - done) * pace))} s left` : "";
  return `${says}, ${done} of ${of} masks${left}`;
}

// A small picture for each map, and an empty one for each that is still to come.
function mapsOf(shown, maps, waiting, smooth) {
  const made = element("div", "several");
  made.style.setProperty("--aspect", shown.picture.width / shown.picture.height);
  made.style.setProperty("--across", Math.min(3, shown.pictures.length));
  const ends = {};
  const endOf = ({ unit, name: method }) => unit || method;
  for (const one of maps) ends[endOf(one)] = Math.max(ends[endOf(one)] || 0, floorOf(one), largest(one.weights));
  for (const one of maps) {
    const figure = element("figure");
    const faces = element("span", "faces");
    const own = one.maps ? one.maps.map(readMap) : shown.maps;
    const weights = Float32Array.from(one.weights);
    shown.pictures.forEach((picture, number) => {
      const { face, canvas } = faceOf({ picture });
      faces.append(face);
      paintSmall(canvas, own[number], weights, ends[endOf(one)], smooth && Boolean(gridOf(own[number])));
    });
    const main = mainRegions(one, weights);
    const best = one.unit ? `At most ${signed(weights.reduce((a, b) => Math.max(a, b), 0))} ${one.unit}.` : "";
    const text = element("figcaption");
    const place = main.length ? placesIn({ pictures: shown.pictures, maps: own, map: own[0] }, main) : "no single region";
    const likely = one.model ? ` ${one.model} finds these words ${partText(Math.max(one.likely, 1e-9))} likely.` : "";
    text.append(element("strong", "", one.name), ` ${place}. ${best}${likely}`);
    figure.append(faces, text);
    made.append(figure);
  }
  for (const method of waiting) {
    const figure = element("figure", "to-come");
    const text = element("figcaption");
    text.append(element("strong", "", method));
    figure.append(element("span", "face"), text);
    made.append(figure);
  }
  return made;
}
