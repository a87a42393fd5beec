// The toolbar for splitting and merging the regions that were clicked in the preview.

function editingView(find, state, changed, onEdit, again) {
  const act = (name, what) => {
    find(name).addEventListener("click", () => onEdit(what, [...state.picked].sort((a, b) => a - b)));
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
    const can = shown.edits != null && Boolean(shown.map) && !state.drawing;
    find(".edits").toggleAttribute("hidden", !can);
    if (!can) return;
    const picked = state.picked.size;
    const one = [...state.picked][0] + 1;
    const says = picked > 1 ? `${picked} regions selected` : picked ? `Region ${one} selected` : `Click regions${areSeveral(shown) ? " of the first picture" : ""} to split or merge them.`;
    if (find(".chosen").textContent !== says) find(".chosen").textContent = says;
    find(".split").disabled = !picked;
    find(".merge").disabled = picked < 2;
    find(".back").hidden = !shown.edits;
    find(".none").hidden = !picked;
    find(".more").hidden = !shown.drawing;
  };
}
