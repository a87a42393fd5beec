// lessonPanel(element, steps, {onSetUp, onCheck, onStepDone}) -> {showReply(value)}: the lesson's panel. It says what to do,
// notices by the facts that the explorer reports when a step is done, and remembers that in this browser.

const KEPT_AS = "mmattr-lesson";
const SCENES = 1_000_000; // seeds of scenes that the models were not trained on

function lessonPanel(element, steps, { onSetUp, onCheck, onStepDone }) {
  const host = element.querySelector(".lesson");
  const find = (selector) => host.querySelector(selector);
  const kept = remembered();
  let hinted = false;
  let words = {}; // words of the answer on show that the texts of a step may name
  let says = ""; // the reply to what was marked or chosen
  let chosen = -1; // the number of the answer that was chosen
  let marked = ""; // the regions that the server checked last
  let focusesAnswer = false; // the focus moves to the answer as soon as it is there
  let ready = false; // the scene of this step is set up
  let fresh = false; // the step was done just now; on a phone the task is then hidden, to make room
  let newest = 0; // the number of the message that the explorer showed last

  function remembered() {
    let found = null;
    try {
      found = JSON.parse(localStorage.getItem(KEPT_AS));
    } catch {
      // then nothing is remembered
    }
    const { open, step, done, seeds } = found || {};
    return { open: open === true, step: steps[step] ? step : 0, done: Array.isArray(done) ? done : [], seeds: { ...seeds } };
  }
  function remember() {
    try {
      localStorage.setItem(KEPT_AS, JSON.stringify(kept));
    } catch {
      // no storage: it is forgotten when the page is closed
    }
  }

  const step = () => steps[kept.step];
  const isDone = () => kept.done.includes(kept.step);
  const quoted = (word) => (word ? `“${word}”` : "a word");
  const filled = (text) => text.replaceAll("{word}", quoted(words.first)).replaceAll("{quiet}", quoted(words.quiet));
  const write = (selector, text) => {
    find(selector).hidden = !text;
    if (find(selector).textContent !== text) find(selector).textContent = text;
  };

  function draw() {
    host.hidden = !kept.open;
    write(".where", `Step ${kept.step + 1} of ${steps.length}`);
    write(".title", step().title);
    const first = step().example && !ready && !isDone() ? "Press “Set up” first. " : "";
    write(".task", first + filled(step().task));
    host.classList.toggle("fresh", fresh && !step().choices.length);
    write(".hint-text", hinted ? filled(step().hint) : "");
    write(".says", says);
    find(".take-home").hidden = !isDone();
    find(".take-home span").textContent = step().take_home;
    find(".set-up").hidden = !step().example;
    find(".scene").hidden = !step().another;
    find(".hint").setAttribute("aria-expanded", String(hinted));
    find(".back").hidden = kept.step === 0;
    find(".next").hidden = kept.step === steps.length - 1;
    find(".next").textContent = isDone() ? "Next" : "Skip";
    find(".next").classList.toggle("first", isDone());
    find(".set-up").classList.toggle("first", !isDone());
    find(".dots").replaceChildren(...steps.map((_, number) => {
      const dot = document.createElement("i");
      dot.className = `${kept.done.includes(number) ? "done" : ""} ${number === kept.step ? "here" : ""}`;
      return dot;
    }));
    drawChoices();
    remember();
  }

  function drawChoices() {
    const list = find(".choices");
    list.hidden = !step().choices.length;
    if (list.of !== kept.step) {
      list.of = kept.step;
      list.replaceChildren(...step().choices.map((choice, number) => {
        const button = document.createElement("button");
        Object.assign(button, { type: "button", role: "radio", textContent: choice.text });
        button.addEventListener("click", () => choose(number));
        return button;
      }));
    }
    [...list.children].forEach((button, number) => {
      button.ariaChecked = String(number === chosen);
      button.tabIndex = number === Math.max(0, chosen) ? 0 : -1;
    });
  }

  function choose(number) {
    chosen = number;
    says = step().choices[number].says;
    find(".live").textContent = says;
    if (step().choices[number].right) finish();
    draw();
  }

  function finish() {
    if (!isDone()) {
      kept.done.push(kept.step);
      fresh = true;
      fold(false); // unfold: there is something to read
      onStepDone(kept.step + 1);
    }
    find(".live").textContent = `${says} Step ${kept.step + 1} is done. To take home: ${step().take_home}`.trim();
    draw();
  }

  function fold(folded) {
    host.classList.toggle("folded", folded);
    find(".fold").textContent = folded ? "Unfold" : "Fold";
    find(".fold").setAttribute("aria-expanded", String(!folded));
  }

  function go(number) {
    kept.step = Math.max(0, Math.min(steps.length - 1, number));
    [hinted, says, chosen, marked, ready, fresh] = [false, "", -1, "", false, false];
    draw();
    find(".title").focus();
  }

  function setUp(seed) {
    if (seed == null) delete kept.seeds[kept.step];
    else kept.seeds[kept.step] = seed;
    [says, words, marked, focusesAnswer, ready, fresh] = ["", {}, "", true, true, false];
    document.dispatchEvent(new CustomEvent("mmattr-predict", { detail: step().predicts }));
    onSetUp(kept.step, seed);
    draw();
  }

  function show(open) {
    kept.open = open;
    draw();
    if (open) find(".title").focus();
    else document.querySelector(".to-lesson")?.focus();
  }

  function takeFacts(facts) {
    words = { first: facts.words.first || words.first, quiet: facts.words.quiet || words.quiet };
    const newer = facts.serial > newest;
    newest = facts.serial;
    if (focusesAnswer && newer && facts.finished) {
      focusesAnswer = false;
      if (host.contains(document.activeElement)) document.querySelector("#explorer .tokens")?.focus({ preventScroll: true });
    }
    if (!kept.open) return;
    const { done, word } = step();
    const news = facts.marked.join();
    if (done === "tag" && facts.predicted && facts.word === word && news !== marked) {
      marked = news;
      onCheck(kept.step, kept.seeds[kept.step] ?? null, facts.marked);
    } else if (facts[done] && !isDone()) finish();
    draw();
  }

  find(".set-up").addEventListener("click", () => setUp(null));
  find(".scene").addEventListener("click", () => setUp(Math.floor(Math.random() * SCENES)));
  find(".hint").addEventListener("click", () => {
    hinted = !hinted;
    draw();
  });
  find(".back").addEventListener("click", () => go(kept.step - 1));
  find(".next").addEventListener("click", () => go(kept.step + 1));
  find(".close").addEventListener("click", () => show(false));
  find(".fold").addEventListener("click", () => fold(!host.classList.contains("folded")));
  find(".choices").addEventListener("keydown", (event) => {
    const way = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!way) return;
    const options = [...find(".choices").children];
    const next = (options.indexOf(event.target) + way + options.length) % options.length;
    for (const option of options) option.tabIndex = -1;
    options[next].tabIndex = 0;
    options[next].focus();
    event.preventDefault();
  });
  document.addEventListener("mmattr-seen", (event) => takeFacts(event.detail));
  document.addEventListener("mmattr-lesson", () => show(!kept.open));
  document.addEventListener("keydown", (event) => {
    if (!kept.open || !event.altKey || event.code !== "KeyL") return;
    find(".title").focus();
    event.preventDefault();
  });
  const linked = Number(new URLSearchParams(location.search).get("lesson"));
  if (linked >= 1) {
    kept.open = true;
    go(Math.floor(linked) - 1);
  }
  draw();

  return {
    // Show the server's reply about the regions that were marked.
    showReply(value) {
      if (!value || value.number !== kept.step) return;
      says = value.says;
      fold(false);
      find(".live").textContent = says;
      if (value.done) finish();
      draw();
    },
  };
}
