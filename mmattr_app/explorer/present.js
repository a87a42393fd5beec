// "Present", for a projector: only the answer and the map, large. Arrow keys go through the words, Escape ends it.

function presentView(host, find, changed) {
  const on = () => host.classList.contains("presenting");
  const turn = (to) => {
    host.classList.toggle("presenting", to);
    document.body.classList.toggle("mmattr-presenting", to); // the page around then hides the form and the header
    find(to ? ".tokens" : ".present").focus();
    changed();
  };
  find(".present").addEventListener("click", () => turn(true));
  find(".presented").addEventListener("click", () => turn(false));
  const keys = (event) => {
    if (!on() || !host.isConnected) return;
    if (event.key === "Escape") turn(false);
    else if (["ArrowLeft", "ArrowRight"].includes(event.key) && document.activeElement !== find(".tokens")) {
      find(".tokens").focus();
      find(".tokens").dispatchEvent(new KeyboardEvent("keydown", { key: event.key, shiftKey: event.shiftKey }));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  };
  document.addEventListener("keydown", keys, true);
}
