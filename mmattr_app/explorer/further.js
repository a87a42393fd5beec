// What can be done with a result: a finer map for the selection, the map before, and back to the regions.

const SMALLEST = 3 / 32 ** 2; // of the picture: what is smaller is not cut any more

// Why the selection's map cannot become finer, or nothing.
function whyNotSharper(shown, { from, to }, weights) {
  if (shown.state !== "done") return BUSY.has(shown.state) ? "" : "Only a finished run can be sharpened.";
  const relies = relianceOn(shown, from, to);
  if (Number.isNaN(relies)) return "";
  if (areSeveral(shown)) return "Only the map of one picture can be sharpened.";
  if (relies < MATTERS) return "Nothing to sharpen: this hardly needs the picture.";
  if (shown.sharpened?.[0] === from && shown.sharpened?.length === to - from + 1) return shown.says;
  const top = weights.reduce((best, weight, region) => (weight > weights[best] ? region : best), 0);
  const map = mapWith(shown, top);
  const small = shown.measured && map.areas[top] < SMALLEST * map.width * map.height;
  return small ? "Its top region is as small as it gets." : "";
}

function furtherView(find, prefix, stage, { onSharpen = () => {}, onUnsharpen = () => {}, onRecut = () => {} }) {
  const [sharpen, hint] = [find(".sharpen"), find(".further .hint")];
  hint.id = `${prefix}hint`;
  sharpen.setAttribute("aria-describedby", hint.id);
  let tokens = [];
  let leaving = false; // for the regions, where the focus goes along
  sharpen.addEventListener("click", () => {
    if (sharpen.ariaDisabled !== "true") onSharpen(tokens);
  });
  find(".unsharpen").addEventListener("click", () => {
    onUnsharpen();
    sharpen.focus();
  });
  find(".recut").addEventListener("click", () => {
    leaving = true;
    onRecut();
  });

  return (shown, selection, weights) => {
    find(".further").toggleAttribute("hidden", !shown.live);
    if (leaving && shown.edits != null) {
      leaving = false;
      stage.focus();
    }
    if (!shown.live || !shown.map || !shown.pieces.length) return;
    tokens = tokensOf(selection);
    const says = whyNotSharper(shown, selection, weights);
    sharpen.ariaDisabled = String(Boolean(says) || shown.state !== "done");
    if (hint.textContent !== says) hint.textContent = says;
    sharpen.hidden = hint.hidden = Boolean(shown.errors); // as fine as its masks can tell
    find(".unsharpen").hidden = shown.state !== "done" || shown.base == null;
    find(".recut").hidden = BUSY.has(shown.state);
  };
}
