// Tab "Can I trust it?": the curves of the selection, how sure its map is, and whether another occluder says the same.

function trustTab(find, state, changed, { onMeasure = () => {}, onCompare = () => {}, onPrice = () => {}, onStop = () => {} }) {
  const made = element("div", "trust");
  const measured = element("div", "measured");
  const measure = askingView("measure", onMeasure, onStop);
  const sure = element("p", "sure");
  const compared = element("div", "compared");
  const compare = askingView("compare", onCompare, onStop);
  const question = element("h3");
  const parts = [[element("h3", "", "Better than chance?"), measured, measure.made], [element("h3", "", "How sure are its scores?"), sure], [question, compared, compare.made]];
  for (const nodes of parts) {
    const part = element("section");
    part.append(...nodes);
    made.append(part);
  }
  const badge = element("button", "no-better", "No better than chance");
  badge.type = "button";
  badge.hidden = true;
  badge.addEventListener("click", (event) => {
    event.stopPropagation();
    state.tab = "trust";
    changed();
  });
  find(".stage").append(badge);
  let drawn = {}; // what the parts show, so that they are made anew only where it changed
  let priced = null; // the message of which the cost was asked

  function drawMeasured(shown, selection, one) {
    const key = JSON.stringify([one, calledHere(shown, selection)]);
    if (drawn.measured === key) return;
    const had = measure.made.contains(document.activeElement);
    drawn.measured = key;
    if (!one) return measured.replaceChildren();
    const verdict = element("p", "verdict", one.verdict || "Deletion was not measured, so there is no verdict.");
    verdict.tabIndex = -1;
    measured.replaceChildren(verdict, element("p", "note", chanceText(one)), curvesOf(one, calledHere(shown, selection), pictureSays(shown)));
    if (had) verdict.focus({ preventScroll: true });
  }

  function drawCompared(shown, one, weights, smooth) {
    const key = one ? `${one.says}|${smooth}|${shown.encoded.length}` : "";
    if (drawn.compared === key && drawn.map === shown.map) return;
    drawn = { ...drawn, compared: key, map: shown.map };
    compared.replaceChildren(...(one ? [element("p", "verdict", one.says), pairOf(shown, one, weights, smooth)] : []));
  }

  function draw(shown, selection, weights, _state, _picture, errors) {
    const { trust } = shown;
    if (shown.live && shown.state === "done" && !trust.costs && priced !== shown.serial) {
      priced = shown.serial;
      onPrice();
    }
    const words = calledHere(shown, selection);
    const one = lastOf(shown.curves, selection);
    const other = lastOf(shown.compared, selection);
    drawMeasured(shown, selection, one);
    drawCompared(shown, other, surely(weights, errors), isSmooth(shown, state));
    const says = certaintyText(shown, selection, weights, errors);
    if (sure.textContent !== says) sure.textContent = says;
    const tokens = tokensOf(selection);
    const why = `Hide the best regions of ${words} first: is it lost sooner than when regions are hidden in random orders?`;
    const comparison = comparisonText(shown);
    if (question.textContent !== comparison.question) question.textContent = comparison.question;
    measure.draw(shown, tokens, one?.curves["random-deletion"] ? null : why, `Measure ${words}`, 0);
    compare.draw(shown, tokens, other ? null : comparison.why, comparison.act, shown.compared.length);
  }

  return {
    made,
    draw,
    badge(shown, selection) {
      badge.hidden = !(shown.map && lastOf(shown.curves, selection)?.chance);
    },
  };
}

// Whether something was found out for just this selection, and the last that was.
const isOf = (one, { from, to }) => one.tokens.length === to - from + 1 && one.tokens[0] === from && one.tokens[one.tokens.length - 1] === to;
const lastOf = (list, selection) => (list || []).filter((one) => isOf(one, selection)).pop();

// The selection, as a sentence names it.
const calledHere = (shown, selection) => (selection.whole ? "the whole answer" : name(shown, selection));

// What a second map can tell: of one that hid nothing, whether hiding says the same; else whether another occluder does.
function comparisonText({ reads, trust }) {
  if (reads === "weight") return { question: "Does hiding say the same?", act: "Compare with what hiding shows", why: "This map shows what the model computes with. Hide the same regions, and see whether the words need them." };
  const why = `Explain it again with ${trust.costs?.occluder || "another occluder"} in place of what is hidden. What both maps show does not come from the occluder.`;
  return { question: "Does another way to hide say the same?", act: "Compare two ways to hide", why };
}

// Something that can be found out: what it costs, a button, and how far it is. `what` is "measure" or "compare".
function askingView(what, onAsk, onStop) {
  const made = element("div", `ask ${what}`);
  const note = element("p", "note");
  const button = element("button", "firm");
  button.type = "button";
  const costs = element("span", "costs");
  const bar = progressBar();
  const line = element("p", "act");
  line.append(button, " ", costs);
  made.append(note, line, bar.made);
  let asks = { tokens: [], running: false, ready: false };
  let waits = null; // the tokens for which the button was pressed before it was known whether they can be checked
  button.addEventListener("click", () => {
    if (button.ariaDisabled === "true") return;
    if (asks.running) onStop();
    else if (asks.ready) onAsk(asks.tokens);
    else waits = asks.tokens;
  });

  function askIfPressed() {
    const pressed = waits;
    if (!pressed || !asks.ready) return;
    waits = null;
    if (button.ariaDisabled === "false" && `${pressed}` === `${asks.tokens}`) onAsk(pressed);
  }

  return {
    made,
    // Without a note there is nothing to find out; `known` says that nothing new has to be asked.
    draw(shown, tokens, text, label, known) {
      const { costs: cost = {}, running, says } = shown.trust;
      const runs = running?.what === what;
      asks = { tokens, running: runs, ready: Boolean(shown.trust.costs) };
      made.hidden = !text && !runs;
      note.textContent = shown.live ? text || "" : "Not found out yet; the page and the command line can.";
      const cannot = cost.whynot?.[what] || (shown.state === "done" ? "" : "Only a finished run can be checked.");
      line.hidden = !shown.live;
      button.textContent = runs ? "Stop" : label;
      button.ariaDisabled = String(!runs && Boolean(cannot || running));
      const price = cannot || (says && !running ? says : costText(cost[what], cost.pace, known));
      costs.textContent = runs ? running.says : price;
      bar.draw(runs ? running : null);
      askIfPressed();
    },
  };
}

function costText(masks, pace, known) {
  if (masks == null) return "";
  if (known) return "Nothing new has to be asked.";
  return `About ${masksText(masks, pace)}.`;
}

// Masks, and the time that they take where the pace is known.
const masksText = (masks, pace) => `${masks} masks${pace ? `, ${Math.max(1, Math.round(masks * pace))} s` : ""}`;

// How far something is that asks masks; hidden while nothing runs.
function progressBar() {
  const made = element("div", "bar");
  made.role = "progressbar";
  made.ariaLabel = "Masks asked so far";
  made.append(element("i"));

  function draw(running) {
    made.hidden = !running;
    if (!running) return;
    made.ariaValueMin = "0";
    made.ariaValueMax = String(running.of || 1);
    made.ariaValueNow = String(running.done);
    made.firstElementChild.style.transform = `scaleX(${running.of ? running.done / running.of : 0})`;
  }

  return { made, draw };
}

// By how much the map is better than the best of eight random orders, over both whole curves.
function chanceText({ above }) {
  if (above == null) return "";
  const by = Math.abs(above).toFixed(2);
  if (above > 0) return `Over both curves it is better than each of eight random orders: its insertion minus deletion is ${by} above the best of them.`;
  return `Over both curves it is no better than chance: its insertion minus deletion is ${by} under the best of eight random orders.`;
}

// The standard errors of the selection in a sentence.
function certaintyText(shown, { from, to }, weights, errors) {
  if (!errors) return shown.measured ? "Each region was hidden by itself: its score is measured, not estimated, and has no error." : "This method gives no standard errors.";
  const all = [...weights.keys()];
  const [above, below] = [1, -1].map((side) => all.filter((region) => side * weights[region] > SURE * errors[region]).length);
  const regions = (count) => `${count} ${count === 1 ? "region" : "regions"}`;
  const says = `Of ${regions(all.length)}, ${above} surely ${above === 1 ? "supports" : "support"} it and ${below} surely ${below === 1 ? "argues" : "argue"} against it (${SURE} standard errors from zero); the others may mean nothing.`;
  const doubt = from === to ? shown.doubts?.[from] : null;
  return doubt == null ? says : `${says} The top region is the top, or within two regions of it: ${percent(Math.log(1 - doubt))} sure.`;
}
