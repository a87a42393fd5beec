// mountExplorer(root, {onSelect, onDraw, ...}) -> {update(message), select(from, to), open(tab), predictFirst(on)}: draws a
// message, and calls these functions when a person does something.

const BUSY = new Set(["queued", "cutting", "answering", "hiding"]);

function mountExplorer(root, { onSelect = () => {}, onDraw = () => {}, onEdit = () => {}, ...heard } = {}) {
  const host = root.querySelector(".explorer");
  const find = (selector) => host.querySelector(selector);
  const prefix = `explorer-${Math.random().toString(36).slice(2)}-`; // of element ids: a notebook may show several explorers
  const state = { from: null, to: null, anchor: null, caret: null, hover: -1, pin: -1, other: -1, held: -1, chosen: false };
  Object.assign(state, { words: true, wide: false, opacity: Number(memory.get("opacity") ?? 0.7), contours: false, extend: false, tab: "why", linked: "why", smooth: null });
  Object.assign(state, { picked: new Set(), drawing: false, drawn: false, pen: "rectangle", thickness: 5 });
  let result = decode({ state: "empty" }, null);
  let shown = result; // the part of it that may be shown
  let known = {}; // cache: the scores of the selection
  let renderRequest = 0;
  let announced = "";

  const scheduleRender = () => {
    renderRequest ||= requestAnimationFrame(() => {
      renderRequest = 0;
      render();
    });
  };
  const chose = () => {
    state.chosen = true;
    scheduleRender();
  };
  const current = () => {
    const selection = tokens.range();
    const { from, to } = selection;
    if (known.shown !== shown || known.from !== from || known.to !== to) {
      const [weights, beside] = [weigh, weighOthers].map((of) => of(shown, from, to));
      const scale = Math.max(floorOf(shown), largest(weights), largest(beside));
      known = { shown, from, to, weights, beside, scale, errors: errorsOf(shown, from, to), errorsBeside: errorsOfOthers(shown, from, to) };
    }
    return { ...known, selection, state };
  };
  const settled = () => {
    const { from, to } = tokens.range();
    if (shown.pieces.length) onSelect(tokensOf({ from, to }));
  };
  const selectWholeAnswer = () => {
    tokens.selectAll();
    settled();
  };
  const tokens = tokensView(find(".tokens"), prefix, state, chose, settled);
  const stage = stageView(find, prefix, state, scheduleRender);
  const drawing = drawingView(find, state, scheduleRender, onDraw);
  const editing = editingView(find, state, scheduleRender, onEdit, drawing.again);
  const predict = predictView(find, state, scheduleRender, selectWholeAnswer);
  presentView(host, find, scheduleRender);
  const further = furtherView(find, prefix, stage, heard);
  const asked = askedView(find, state, scheduleRender);
  const shares = sharesView(find);
  const notice = noticeView(host, find, heard);
  const guide = guideView(host, find);
  const tell = tellSeen(find, scheduleRender, heard);
  const tabs = { why: whyTab(stage, state, scheduleRender, heard), whole: wordsTab(tokens), trust: trustTab(find, state, scheduleRender, heard), compare: compareTab(find, state, heard), export: exportTab(find, current) };

  function choosePhrase() {
    if (state.chosen || state.from != null || !shown.full || !shown.blank || !shown.pieces.length) return;
    const best = unitsOf(shown.pieces, true)
      .filter(isContent)
      .map((unit) => [relianceOn(shown, unit.from, unit.to), unit])
      .reduce((a, b) => (b[0] > a[0] ? b : a), [MATTERS, null])[1];
    const named = shown.first_word && unitsOf(shown.pieces, true).find((unit) => unit.text.trim() === shown.first_word);
    if (!named && !best) return;
    choose(named || best);
  }

  // A map that is only for some words starts with these words selected.
  function chooseOwn(before) {
    if (shown.selection && String(shown.selection) !== String(before.selection)) choose({ from: shown.selection[0], to: shown.selection[shown.selection.length - 1] });
  }

  // A link names the tab that was open before the tab Export, in which the link is copied.
  function open(tab) {
    state.tab = tab;
    if (tab !== "export") state.linked = tab;
  }

  function choose(best) {
    Object.assign(state, { from: best.from, to: best.to, anchor: best.from, caret: best.from });
    onSelect(tokensOf(best));
  }

  function render() {
    if (result.pieces.length) tokens.show(result);
    shown = predict.cover(result, tokens.range());
    const hasPicture = Boolean(shown.picture);
    const hasAnswer = shown.pieces.length > 0;
    const scored = shown.asked > 0 && Boolean(shown.map);
    const told = scored || shown.otherRows.length > 0;
    const hasSubject = hasPicture || Boolean(shown.prompt);
    const show = (selector, visible) => find(selector).toggleAttribute("hidden", !visible);
    if (host.dataset.state !== shown.state) host.dataset.state = shown.state;
    show(".welcome", !hasSubject);
    show(".asked", Boolean(shown.prompt));
    show(".answer", hasAnswer || shown.state === "answering");
    show(".tokens", hasAnswer);
    show(".tools", hasAnswer);
    show(".speech", !hasAnswer && shown.state === "answering");
    show(".stages", hasPicture);
    show(".legend", scored);
    show(".controls", scored || (shown.base != null && !shown.keptBack)); // while the map is sharpened, a button there keeps the focus
    show(".reasons", told);
    show(".steps", !told && !shown.keptBack);
    show(".cut-off", shown.cut_off);
    notice(shown);
    guide(hasAnswer && scored && shown.live, shown.state === "queued");
    find(".speech").textContent = shown.text;
    host.classList.toggle("bare", !hasSubject);
    host.classList.toggle("owes", shown.others.some(({ kind }) => kind === "own words"));
    host.classList.toggle("worded", hasSubject && !hasPicture);
    const now = current();
    if (hasAnswer) tokens.draw(tintsOf(now, tokens.units(), host.matches(".dark *")));
    const { selection, weights, beside, scale, errors } = now;
    asked(shown, beside, scale);
    shares(shown, selection);
    stage.draw(shown, selection, weights, errors);
    drawing.draw();
    editing(shown);
    predict.draw(shown, selection, weights, errors);
    further(shown, selection, weights);
    tabs.trust.badge(shown, selection);
    const parts = hasAnswer && !shown.keptBack && (told || shown.full) ? sentences(shown, selection, weights, errors) : [];
    readOut(parts);
    if (told) {
      if (shown.predicted && state.tab === "whole") state.tab = "why"; // else the maps of the other words would be shown
      const tab = tabs[scored ? state.tab : "why"];
      if (find(".panel").firstChild !== tab.made) find(".panel").replaceChildren(tab.made);
      tab.draw(shown, selection, weights, state, find(".picture"), errors, now);
    }
    status();
    choices(selection);
    foot();
    tell(shown, selection, tokens.units());
  }

  function status() {
    const { done, of, says } = shown;
    const strip = find(".strip");
    strip.toggleAttribute("hidden", !says || (shown.state === "empty" && !shown.picture));
    const [first, ...rest] = shown.state === "failed" ? says.split(/(?<=[.;]) /) : [says];
    find(".says").textContent = first;
    find(".rest").textContent = rest.length ? ` ${rest.join(" ")}` : "";
    const bar = find(".bar");
    bar.toggleAttribute("hidden", !BUSY.has(shown.state) || shown.state === "cutting"); // its progress is not known
    bar.setAttribute("aria-valuemax", of || 1);
    bar.setAttribute("aria-valuenow", done);
    bar.firstElementChild.style.transform = `scaleX(${of ? done / of : 0})`;
    const news = `${shown.job}|${shown.state}`;
    if (news !== announced) find(".live").textContent = says;
    announced = news;
  }

  function readOut(parts) {
    const readout = find(".readout");
    const key = JSON.stringify(parts);
    readout.toggleAttribute("hidden", !parts.length);
    if (readout.key === key) return;
    readout.key = key;
    readout.replaceChildren(
      ...parts.map((part) => {
        if (part.strong) return element("strong", "", part.strong);
        if (part.advice) {
          const button = element("button", "firm advise", part.advice);
          button.type = "button";
          button.addEventListener("click", () => heard.onAdvise?.());
          return button;
        }
        if (part.region == null) return part;
        const link = element("a", "region", String(numberOf(shown, part.region)));
        link.role = "button";
        link.tabIndex = 0;
        link.ariaLabel = calledRegion(shown, part.region);
        for (const event of ["pointerenter", "focus"]) link.addEventListener(event, () => stage.point(part.region));
        for (const event of ["pointerleave", "blur"]) link.addEventListener(event, () => stage.point(-1));
        link.addEventListener("click", () => stage.pin(part.region));
        link.addEventListener("keydown", (event) => event.key === "Enter" && stage.pin(part.region));
        return link;
      }),
    );
    if (state.chosen && !BUSY.has(shown.state)) find(".live").textContent = plain(shown, parts);
  }

  function choices(selection) {
    const chosen = { ...state, smooth: showsPixels(shown, state) || isSmooth(shown, state) };
    for (const group of host.querySelectorAll("[data-choice]")) {
      for (const option of group.children) {
        const on = String(chosen[group.dataset.choice]) === option.dataset.value;
        option.setAttribute("aria-checked", String(on));
        option.tabIndex = on ? 0 : -1;
      }
    }
    for (const tab of find(".tabs").children) {
      const on = tab.dataset.tab === (shown.map ? state.tab : "why");
      tab.hidden = (!shown.map && tab.dataset.tab !== "why") || (shown.predicted && tab.dataset.tab === "whole") || (!shown.live && tab.dataset.tab === "compare"); // hidden without a picture, before the other words are predicted, or without a server
      tab.setAttribute("aria-selected", String(on));
      tab.tabIndex = on ? 0 : -1;
    }
    const several = !selection.whole && /\s/.test(spoken(shown.pieces, selection.from, selection.to));
    find(".tabs").firstElementChild.textContent = selection.whole ? "Why this answer" : several ? "Why this phrase" : "Why this word";
    find("[data-choice=wide]").firstElementChild.textContent = selection.whole || several ? "This selection" : "This word";
    const looks = find("[data-choice=smooth]");
    looks.toggleAttribute("hidden", !(shown.map && (shown.pixels || shown.maps.some((map) => map && gridOf(map)))));
    (shown.pixels ? ["Pixels", "Regions"] : ["Smooth", "Cells"]).forEach((text, i) => (looks.children[i].textContent = text));
    find(".extend").setAttribute("aria-pressed", String(state.extend));
  }

  function foot() {
    const looks = { mean: "the picture’s mean colour", blur: "a blur", noise: "noise" }[shown.occluder] || shown.occluder;
    const how = shown.asked ? `${shown.method}; what is hidden shows ${looks}. ` : "";
    const cut = shown.asked && shown.cut_says ? `${shown.cut_says} ` : "";
    const bare = shown.errors ? `What is not sure, within ${SURE} standard errors of zero, is not drawn. ` : "";
    const figures = Object.entries(shown.figures || {}).map(([name, value]) => `${name} ${value.toFixed(3)}`);
    const measured = figures.length ? `Measured: ${figures.join(", ")}. ` : "";
    find(".foot").textContent = (how && how[0].toUpperCase() + how.slice(1)) + bare + measured + cut + (shown.model_says || "");
    find(".foot").toggleAttribute("hidden", !find(".foot").textContent);
  }

  // Groups of which one option is chosen, by a click or by arrow keys.
  for (const group of host.querySelectorAll("[role=radiogroup], [role=tablist]")) {
    const take = (option) => {
      const { value } = option.dataset;
      if (group.dataset.choice) state[group.dataset.choice] = { true: true, false: false }[value] ?? value;
      else open(option.dataset.tab);
      scheduleRender();
    };
    group.addEventListener("click", (event) => {
      const option = event.target.closest("button");
      if (option) take(option);
    });
    group.addEventListener("keydown", (event) => {
      const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
      if (!step) return;
      const options = [...group.children].filter((option) => !option.hidden);
      const next = options[(options.indexOf(event.target) + step + options.length) % options.length];
      take(next);
      next.focus();
      event.preventDefault();
    });
  }
  find(".opacity").addEventListener("input", (event) => {
    state.opacity = event.target.value / 100;
    memory.set("opacity", state.opacity);
    scheduleRender();
  });
  find(".with-contours").addEventListener("change", (event) => {
    state.contours = event.target.checked;
    scheduleRender();
  });
  find(".extend").addEventListener("click", () => {
    state.extend = !state.extend;
    scheduleRender();
  });
  find(".everything").addEventListener("click", selectWholeAnswer);
  find(".opacity").value = 100 * state.opacity;
  find(".stages").addEventListener("load", scheduleRender, true);
  new ResizeObserver(scheduleRender).observe(find(".body"));
  new MutationObserver(scheduleRender).observe(document.body, { attributes: true, attributeFilter: ["class"] });
  const motif = [0, 0, 0, 0, 0, 0, 0, -0.3, 0, 0, 0, 0, 0.25, 0.5, 0, 0, 0, 0.6, 1, 0.35, 0, 0, 0, 0.2, -0.5];
  find(".motif").append(...motif.map((share) => {
    const cell = element("i");
    if (share) cell.style.background = rgb(share, 0.35 + 0.65 * Math.abs(share));
    return cell;
  }));

  return {
    update(message) {
      const before = result;
      shown = result = decode(message || { state: "empty" }, before);
      const restarted = !shown.same || shown.begins; // a lesson may start again with the same result
      if (shown.begins) predict.forget();
      if (restarted) Object.assign(state, { from: null, to: null, anchor: null, caret: null, chosen: false });
      if (restarted || shown.maps.length !== before.maps.length || shown.maps.some((map, i) => map !== before.maps[i]) || shown.others.length !== before.others.length) {
        Object.assign(state, { hover: -1, pin: -1, other: -1, held: -1 });
        state.picked.clear();
      }
      drawing.take(shown);
      chooseOwn(before);
      choosePhrase();
      scheduleRender();
    },
    select(from, to) {
      const last = shown.pieces.length - 1;
      if (from <= to && to <= last) choose({ from, to });
      chose();
    },
    open(tab) {
      if (Object.hasOwn(tabs, tab)) open(tab);
      scheduleRender();
    },
    predictFirst: predict.turn,
  };
}
