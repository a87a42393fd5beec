// Which maps are compared: boxes for methods, and for models, regions, what hides them and which masks are drawn.

// How one map is made, in the words that the command and other programs use, too; what is as in the result is left out.
function setupText(method, { model, regions, occluder, seed }) {
  const parts = [model && `asking ${model}`, regions && `on ${regions}`, occluder && `hidden by ${occluder}`, seed && `with seed ${seed}`];
  return [method, ...parts.filter(Boolean)].join(" ");
}

// A box with a label; `about` stands at its end.
function choiceBox(label, says, about, checked, changed) {
  const made = element("label");
  const box = element("input");
  box.type = "checkbox";
  box.checked = checked;
  box.addEventListener("change", () => changed(box.checked));
  const text = element("span", "what");
  text.append(element("strong", "", label), element("span", "says", says));
  made.append(box, text, element("span", "price", about));
  return made;
}

const VARIED = [
  { kind: "models", title: "By which model", note: "Another model or precision scores this same answer, so that both explain the same words." },
  { kind: "regions", title: "On which regions", note: "Maps of other regions are compared pixel by pixel." },
  { kind: "occluders", title: "Hidden by what", note: "What maps of several occluders show does not come from one of them." },
  { kind: "seeds", title: "With which random masks", note: "Methods that draw masks draw others; the rest give the same map, and ask nothing for it." },
];

// What the command's word for a way to make maps means, where that is not plain.
function meaningOf(kind, value) {
  const [, most] = value.match?.(/^slic:(\d+)$/) || [];
  if (kind === "regions") return most ? `${most} superpixels` : value === "sam2" ? "things, as SAM-2 finds them; takes its time" : "";
  return kind === "occluders" && value === "mean" ? "mean colour" : "";
}

// Boxes to choose maps by, those first that are chosen at first: an element, and what is chosen.
function mapChoice(changed) {
  const made = element("fieldset", "choice");
  const picked = new Set();
  const varied = {}; // by kind: the places in its list that are chosen; the first is the result's own
  let offers = [];
  let ways = {};
  let [sizes, paces, noSam2] = [[], [], ""]; // of each model: how large it is, and its seconds for each mask
  let known = "";

  const row = ({ name: method, says, masks, there }) => {
    const about = there == null ? `${masks[0]} masks` : `shown already, ${there} to measure it`;
    return choiceBox(method, says, about, picked.has(method), (on) => {
      picked[on ? "add" : "delete"](method);
      changed();
    });
  };

  function variedBoxes({ kind, title, note }) {
    const group = element("fieldset", `varied ${kind}`);
    const missing = kind === "regions" ? noSam2 : kind === "models" && ways.models.length < 2 ? "No other model that this page offers fits into its memory." : "";
    group.append(element("legend", "way", title), element("p", "note", [note, missing].filter(Boolean).join(" ")));
    const line = element("div", "line");
    line.append(...ways[kind].map((value, place) => {
      const label = kind === "seeds" ? `seed ${value}` : kind === "regions" && value.length > 30 ? "these regions" : value;
      const about = place ? (kind === "models" && sizes[place]) || "" : "as shown";
      return choiceBox(label, meaningOf(kind, value), about, varied[kind].has(place), (on) => {
        varied[kind][on ? "add" : "delete"](place);
        changed();
      });
    }));
    group.append(line);
    return group;
  }

  const places = (kind) => [...(varied[kind]?.size ? varied[kind] : [0])].sort((a, b) => a - b);

  // Each map, as it is asked for, its masks at most, and their pace; those of one model follow each other.
  function maps() {
    const methods = offers.filter(({ name: method }) => picked.has(method));
    const value = (kind, place) => place && ways[kind][place]; // nothing is said of the result's own
    return places("models").flatMap((model) => methods.flatMap(({ name: method, masks, there }) => places("regions").flatMap((cut) => places("occluders").flatMap((hidden) => places("seeds").map((drawn) => ({
      text: setupText(method, { model: value("models", model), regions: value("regions", cut), occluder: value("occluders", hidden), seed: drawn && String(ways.seeds[drawn]) }),
      masks: there == null || model || cut || hidden || drawn ? masks[cut] : there,
      pace: paces[model],
    }))))));
  }

  function fill() {
    made.replaceChildren(element("legend", "", "Methods, and the masks or passes that each takes at most"));
    made.append(...offers.slice(0, picked.size).map(row));
    const rest = offers.slice(picked.size);
    const more = element("details");
    more.append(element("summary", "", `${rest.length} more methods, and other ways to make each map`));
    more.append(...VARIED.map(variedBoxes));
    for (const way of new Set(rest.map((offer) => offer.way))) {
      more.append(element("p", "way", way), ...rest.filter((offer) => offer.way === way).map(row));
    }
    made.append(more);
  }

  return {
    made,
    maps,
    draw({ compare, job, example }) {
      const key = JSON.stringify([compare.offers, compare.chosen, job, example]);
      if (key === known) return;
      known = key;
      const chosen = compare.chosen || [];
      offers = [...(compare.offers || [])].sort((a, b) => chosen.includes(b.name) - chosen.includes(a.name));
      ways = compare.ways || {};
      [sizes, paces, noSam2] = [compare.sizes || [], compare.paces || [], compare.no_sam2 || ""];
      picked.clear();
      for (const method of chosen) picked.add(method);
      for (const { kind } of VARIED) varied[kind] = new Set([0]);
      if (offers.length) fill();
    },
  };
}
