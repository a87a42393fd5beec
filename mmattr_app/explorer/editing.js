// The toolbar for splitting and merging the regions that were clicked in the preview.

function editingView(find, state, changed, onEdit, again) {
  let current = null;
  // Regions are told by the number of their picture and by their numbers in it, both from 0.
  const act = (name, what) => {
    find(name).addEventListener("click", () => {
      const picked = [...state.picked].sort((a, b) => a - b);
      const picture = picked.length ? pictureOf(current, picked[0]) : 0;
      onEdit(what, picked.map((region) => numberIn(current.maps[picture], region) - 1), picture);
    });
  };
  act(".split", "split");
  act(".merge", "merge");
  act(".back", "undo");
  find(".more").addEventListener("click", again);
  find(".none").addEventListener("click", () => {
    state.picked.clear();
    changed();
  });

  return (shown) => {
    current = shown;
    const can = shown.edits != null && Boolean(shown.map) && !state.drawing;
    find(".edits").toggleAttribute("hidden", !can);
    if (!can) return;
    const picked = state.picked.size;
    const [one] = state.picked;
    const says = picked > 1 ? `${picked} regions${ofPicture(shown, one)} selected` : picked ? `${calledRegion(shown, one)} selected` : "Click regions to split or merge them.";
    if (find(".chosen").textContent !== says) find(".chosen").textContent = says;
    find(".split").disabled = !picked;
    find(".merge").disabled = picked < 2;
    find(".back").hidden = !shown.edits;
    find(".none").hidden = !picked;
    find(".more").hidden = !shown.drawing;
  };
}
