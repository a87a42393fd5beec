// The teacher's page: loads the state of the class every two seconds. Texts of learners are set as text, never as HTML.
(() => {
  "use strict";
  const EVERY = 2000; // ms
  const key = new URLSearchParams(location.hash.slice(1)).get("key") || "";
  const find = (id) => document.getElementById(id);
  const isLocal = ["localhost", "127.0.0.1", "[::1]"].includes(location.hostname);
  const address = isLocal ? undefined : (location.origin + location.pathname).replace(/\/teacher\/?$/, "");
  const figures = new Map(); // kind and number -> the figure on the page, and the data that it shows

  const post = (path, told) => fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ key, ...told }) });
  async function ask(path, told = {}) {
    const reply = await post(path, told).catch(() => null);
    const said = reply ? await reply.json().catch(() => ({})) : {};
    if (reply?.ok) return said;
    find("says").textContent = said.detail || "The machine with the page cannot be reached.";
    return null;
  }

  function element(tag, text = "", className = "") {
    const made = document.createElement(tag);
    made.textContent = text;
    made.className = className;
    return made;
  }
  function hider(what, number, hidden) {
    const button = element("button", hidden ? "Show" : "Hide");
    button.type = "button";
    button.addEventListener("click", async () => {
      await ask("teacher/hide", { what, number });
      draw();
    });
    return button;
  }
  async function load(image, kind, number) {
    const reply = await post("teacher/picture", { kind, number });
    if (!reply.ok) return;
    URL.revokeObjectURL(image.src);
    image.src = URL.createObjectURL(await reply.blob());
  }
  function picture(kind, number, alt) {
    const image = element("img");
    image.alt = alt;
    load(image, kind, number);
    return image;
  }

  let drawn = "";
  function drawLearners({ learners, steps }) {
    if (JSON.stringify(learners) === drawn) return; // a button there may have the focus
    drawn = JSON.stringify(learners);
    const head = element("tr");
    head.append(element("th", "Nickname"), ...Array.from({ length: steps }, (_, step) => element("th", `Step ${step + 1}`)), element("th"));
    const rows = learners.map((one) => {
      const row = element("tr");
      const cells = Array.from({ length: steps }, (_, step) => (one.steps.includes(step + 1) ? element("td", "✓ done", "done") : element("td", "–")));
      const last = element("td");
      last.append(hider("learner", one.number, one.hidden));
      row.append(element("th", one.name), ...cells, last);
      return row;
    });
    find("learners").replaceChildren(...(learners.length ? [head, ...rows] : []));
  }
  // Gives a figure: the one on the page, or a new one if its data have changed.
  function keep(kind, one, make) {
    const known = figures.get(`${kind}${one.number}`);
    const now = JSON.stringify(one);
    if (known?.of === now) return known.figure;
    const figure = make(one);
    figures.set(`${kind}${one.number}`, { of: now, figure });
    return figure;
  }
  function guessed(one) {
    const figure = element("figure");
    const pair = element("div", "", "pair");
    const sides = [["class", "What the class thought"], ["model", "What the model used"]];
    for (const [kind, says] of sides) {
      const side = element("div", says);
      side.prepend(picture(kind, one.number, `${says}, for “${one.words}”`));
      pair.append(side);
    }
    const better = one.times >= 1.05 ? `${one.times < 3 ? one.times.toFixed(1) : Math.round(one.times)} times better than chance` : "no better than chance";
    figure.append(element("p", `“${one.words}”: ${one.count} guessed, ${better} on average`), pair);
    return figure;
  }
  function sent(one) {
    const figure = element("figure", "", one.hidden ? "away" : "");
    const words = one.hidden ? "Hidden" : `${one.by} asked “${one.question}” and clicked “${one.words}” in “${one.answer}”`;
    figure.append(picture("sent", one.number, one.hidden ? "A hidden picture" : `The map of “${one.words}”`), element("p", words), hider("picture", one.number, one.hidden));
    return figure;
  }
  const lay = (id, made) => {
    const place = find(id);
    const same = made.length === place.children.length && made.every((figure, at) => figure === place.children[at]);
    if (!same) place.replaceChildren(...made);
    place.previousElementSibling.hidden = made.length > 0;
  };

  async function draw() {
    const state = await ask("teacher/state", address ? { address } : {});
    if (!state) return false;
    find("says").textContent = "";
    document.querySelector("main").hidden = false;
    find("class-code").textContent = state.code;
    find("address").textContent = state.join.replace(/\?.*/, "").replace(/^https?:\/\//, "");
    find("page").href = "./";
    if (find("qr").dataset.of !== state.join) {
      find("qr").dataset.of = state.join;
      const code = new DOMParser().parseFromString(state.qr, "image/svg+xml").documentElement;
      find("qr").replaceChildren(document.importNode(code, true));
    }
    drawLearners(state);
    find("learners").previousElementSibling.hidden = state.learners.length > 0;
    lay("guesses", state.guesses.map((one) => keep("guess", one, guessed)));
    lay("gallery", [...state.gallery].reverse().map((one) => keep("sent", one, sent)));
    return true;
  }

  find("another").addEventListener("click", async () => {
    const made = await ask("teacher/open");
    if (made) window.open(`teacher#key=${made.key}`, "_blank");
  });
  let asked = 0;
  find("end").addEventListener("click", async () => {
    if (Date.now() - asked > 5000) {
      asked = Date.now();
      find("end").textContent = "Really end it? Everything in it is deleted. Press again";
      setTimeout(() => (find("end").textContent = "End this class"), 5000);
      return;
    }
    if (!(await ask("teacher/end"))) return;
    clearInterval(timer);
    document.querySelector("main").remove();
    find("qr").remove();
    find("says").textContent = "The class is over, and everything that was told in it is deleted.";
  });
  const timer = setInterval(() => document.hidden || draw(), EVERY);
  draw();
})();
