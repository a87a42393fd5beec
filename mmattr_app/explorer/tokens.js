// The answer as chips, one for each word or token: a click, Shift+click, drag, double-click or key selects. `changed` is
// called at each change of the selection, `settled` when the gesture has ended.

function tokensView(host, prefix, state, changed, settled) {
  let shown = null;
  let units = [];
  let chips = [];
  let key = "";
  let pressed = false;
  let dragging = false;

  const unitOf = (token) => units.findIndex((unit) => token >= unit.from && token <= unit.to);
  const chipAt = (target) => {
    const chip = target instanceof Element ? target.closest("[data-token]") : null;
    return chip && host.contains(chip) ? chips.indexOf(chip) : -1;
  };
  const range = () => {
    if (state.from == null || !units.length) return { from: 0, to: Math.max(0, (shown?.pieces.length || 0) - 1), whole: true };
    return { from: state.from, to: state.to, whole: false };
  };

  function select(unit, extend) {
    const one = units[unit];
    if (!one) return;
    const anchor = extend && state.anchor != null ? units[unitOf(state.anchor)] : one;
    state.anchor = anchor.from;
    state.caret = one.from;
    state.from = Math.min(anchor.from, one.from);
    state.to = Math.max(anchor.to, one.to);
    changed();
  }

  function selectAll() {
    state.from = state.to = state.anchor = state.caret = null;
    changed();
  }

  function show(current) {
    shown = current;
    const made = `${state.words}|${shown.pieces.length}|${shown.pieces.join("\n")}`;
    if (made === key) return;
    key = made;
    units = unitsOf(shown.pieces, state.words);
    let glue = null;
    let before = null;
    const nodes = [];
    chips = units.map((unit, i) => {
      const chip = chipOf(unit, state.words, `${prefix}token-${i}`);
      const sticks = i > 0 && /^[^\s\p{L}\p{N}]+$/u.test(unit.text);
      if (sticks || (i > 0 && !/^\s/.test(unit.text))) {
        chip.joined = true;
        if (before) before.tight = true;
      }
      if (sticks && glue) glue.append(chip);
      else {
        glue = element("span", "glue");
        glue.role = "presentation";
        glue.append(chip);
        nodes.push(glue);
      }
      if (unit.text.includes("\n")) {
        nodes.push(element("br"));
        glue = null;
      }
      before = chip;
      return chip;
    });
    host.replaceChildren(...nodes);
  }

  // `tints` has for each unit (word or token) how strong its colour is, and what a screen reader says about it.
  function draw(tints) {
    const { from, to, whole } = range();
    chips.forEach((chip, i) => {
      const unit = units[i];
      const tint = tints[i];
      const on = !whole && unit.from >= from && unit.to <= to;
      const looks = `${tint.cause}${on}${unit.from === from}${unit.to === to}${tint.share}${tint.ground}${tint.quiet}${tint.says}`;
      if (chip.looks === looks) return;
      chip.looks = looks;
      chip.className = "token";
      const classes = { joined: chip.joined, tight: chip.tight, quietly: tint.quiet, selected: on };
      Object.assign(classes, { first: on && unit.from === from, last: on && unit.to === to });
      chip.classList.add(...Object.keys(classes).filter((name) => classes[name]));
      chip.style.setProperty("--tint", tint.share ? rgb(tint.share, tint.ground) : "transparent");
      chip.style.setProperty("--cause", tint.cause ? rgb(tint.cause) : "transparent");
      chip.style.setProperty("--underline", tint.share ? rgb(tint.share) : "transparent");
      chip.setAttribute("aria-selected", String(on));
      chip.setAttribute("aria-label", `${spoken(shown.pieces, unit.from, unit.to)}, ${tint.says}`);
    });
    const caret = state.caret == null ? -1 : unitOf(state.caret);
    if (caret >= 0) host.setAttribute("aria-activedescendant", chips[caret].id);
    else host.removeAttribute("aria-activedescendant");
  }

  host.addEventListener("pointerdown", (event) => {
    const unit = chipAt(event.target);
    if (unit < 0 || event.button > 0) return;
    pressed = true;
    dragging = event.pointerType !== "touch" || !state.extend;
    select(unit, event.shiftKey || state.extend);
    if (event.shiftKey) event.preventDefault();
    host.focus({ preventScroll: true, focusVisible: false });
  });
  host.addEventListener("pointermove", (event) => {
    if (!dragging) return;
    const unit = chipAt(document.elementFromPoint(event.clientX, event.clientY));
    if (unit >= 0 && units[unit].from !== state.caret) select(unit, true);
  });
  const release = () => {
    if (pressed) settled();
    pressed = dragging = false;
  };
  host.addEventListener("pointerup", release);
  host.addEventListener("pointercancel", release);
  host.ownerDocument.addEventListener("pointerup", release);
  host.addEventListener("dblclick", (event) => {
    const chip = chipAt(event.target);
    if (chip < 0) return;
    const word = unitsOf(shown.pieces, true).find((unit) => units[chip].from >= unit.from && units[chip].from <= unit.to);
    Object.assign(state, { from: word.from, to: word.to, anchor: word.from, caret: word.from });
    changed();
    settled();
  });
  host.addEventListener("keydown", (event) => {
    if (!units.length || event.ctrlKey || event.metaKey || event.altKey) return;
    const last = units.length - 1;
    const caret = state.caret == null ? -1 : unitOf(state.caret);
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step) select(caret < 0 ? (step > 0 ? 0 : last) : Math.max(0, Math.min(last, caret + step)), event.shiftKey);
    else if (event.key === "Home") select(0, event.shiftKey);
    else if (event.key === "End") select(last, event.shiftKey);
    else if (event.key === "Escape") selectAll();
    else return;
    event.preventDefault();
    chips[unitOf(state.caret ?? 0)]?.scrollIntoView({ block: "nearest" });
    settled();
  });

  return { show, draw, range, select, selectAll, units: () => units };
}

// White space is shown by pale signs; only the space before a word is a plain gap before its chip.
function chipOf(unit, words, id) {
  const chip = element("span", "token");
  chip.role = "option";
  chip.id = id;
  chip.dataset.token = unit.from;
  chip.dataset.tokens = tokensOf(unit).join(" ");
  const text = words ? unit.text.replace(/^[^\S\n]/, "") : unit.text;
  for (const part of text.split(/([\s\u200b]+)/)) {
    if (!part) continue;
    const inner = words && !part.includes("\n") && text.trim();
    const space = inner ? part : part.replace(/\r?\n/g, "↵").replace(/\t/g, "⇥").replace(/\s/g, words ? "␣" : "·");
    chip.append(/^[\s\u200b]/.test(part) ? element("span", "space", space) : part);
  }
  if (!chip.childNodes.length) chip.append(element("span", "space", "␣"));
  return chip;
}
