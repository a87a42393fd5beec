// The tour for newcomers, in three steps. Once closed it stays closed; "?" shows it again.

const STEPS = [
  [".tokens", "Click a word of the answer. Underlined words need the picture, the stronger the more; grey words hardly need it."],
  [".stage", "Orange: this part made the word likelier. Blue: it argued against it. Nothing drawn: it did not matter, or it is not sure."],
  [".readout", "How it was found: hide a part of the picture, ask how likely each word still is, repeat. Words that become less likely needed that part."],
];

// Settings that the browser keeps between visits. A file opened from a disk may have no storage.
const memory = {
  get(name) {
    try {
      return localStorage.getItem(`mmattr-${name}`);
    } catch {
      return null;
    }
  },
  set(name, value) {
    try {
      localStorage.setItem(`mmattr-${name}`, value);
    } catch {
      // no storage: it is not kept
    }
  },
};

function guideView(host, find) {
  let step = memory.get("tour") === "closed" ? -1 : 0;
  let lit = null;
  const go = (next) => {
    step = next < STEPS.length ? next : -1;
    if (step < 0) memory.set("tour", "closed");
    draw(true, false);
  };
  find(".tour .next").addEventListener("click", () => go(step + 1));
  find(".tour .close").addEventListener("click", () => go(-1));
  find(".guide").addEventListener("click", () => go(step < 0 ? 0 : STEPS.length));

  function draw(visible, running) {
    if (running && step >= 0) return go(-1); // who asks a question needs the tour no more
    const on = visible && step >= 0;
    find(".tour").toggleAttribute("hidden", !on);
    lit?.classList.remove("lit");
    if (!on) return;
    const [where, says] = STEPS[step];
    find(".tour .where").textContent = `${step + 1} of ${STEPS.length}`;
    find(".tour .step").textContent = says;
    find(".tour .next").textContent = step + 1 < STEPS.length ? "Next" : "Got it";
    lit = find(where);
    lit.classList.add("lit");
  }
  return draw;
}
