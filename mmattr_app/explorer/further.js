// The buttons of a result: Sharpen (a finer map of the selection), Back to the map before, and Edit regions.

const SMALLEST = 3 / 32 ** 2; // share of the picture: smaller regions are not cut any more

// Why the map of the selection cannot become finer; empty if it can.
function whyNotSharper(shown, { from, to }, weights) {
  if (shown.state !== "done") return BUSY.has(shown.state) ? "" : "Only a finished run can be sharpened.";
  const relies = relianceOn(shown, from, to);
  if (Number.isNaN(relies)) return "";
  if (relies < MATTERS) return `Nothing to sharpen: this hardly needs ${pictureSays(shown)}.`;
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
  let leaving = false; // "Edit regions" was pressed: the focus moves to the regions when they are shown
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
    sharpen.hidden = hint.hidden = Boolean(shown.errors); // a map with standard errors is as fine as its masks allow
    find(".unsharpen").hidden = shown.state !== "done" || shown.base == null;
    find(".recut").hidden = BUSY.has(shown.state);
  };
}
