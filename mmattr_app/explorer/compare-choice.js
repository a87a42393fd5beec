// Which maps are compared: boxes for methods, and for what hides, how the picture is cut and which masks are drawn.

// How one map is made, in the words that the command and other programs use, too; what is as in the result is left out.
function setupText(method, { regions, occluder, seed }) {
  const parts = [regions && `on ${regions}`, occluder && `hidden by ${occluder}`, seed && `with seed ${seed}`];
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
  { kind: "regions", title: "On which regions", note: "Maps of other regions are compared pixel by pixel." },
  { kind: "occluders", title: "Hidden by what", note: "What maps of several occluders show does not come from one of them." },
  { kind: "seeds", title: "With which random masks", note: "Methods that draw masks draw others; the rest give the same map, and ask nothing for it." },
];

// Boxes to choose maps by, those first that are chosen at first: an element, and what is chosen.
function mapChoice(changed) {
  const made = element("fieldset", "choice");
  const picked = new Set();
  const varied = {}; // by kind: the places in its list that are chosen; the first is the result's own
  let offers = [];
  let ways = {};
  let known = "";

  const row = ({ name: method, says, masks, there }) => {
    const about = there ? `shown already, ${masks[0]} to measure it` : `${masks[0]} masks`;
    return choiceBox(method, says, about, picked.has(method), (on) => {
      picked[on ? "add" : "delete"](method);
      changed();
    });
  };

  function variedBoxes({ kind, title, note }) {
    const group = element("fieldset", `varied ${kind}`);
    group.append(element("legend", "way", title), element("p", "note", note));
    const line = element("div", "line");
    line.append(...ways[kind].map((value, place) => {
      const label = kind === "seeds" ? `seed ${value}` : kind === "regions" && value.length > 30 ? "these regions" : value;
      return choiceBox(label, "", place ? "" : "as shown", varied[kind].has(place), (on) => {
        varied[kind][on ? "add" : "delete"](place);
        changed();
      });
    }));
    group.append(line);
    return group;
  }

  const places = (kind) => [...(varied[kind]?.size ? varied[kind] : [0])].sort((a, b) => a - b);

  // Each map, as it is asked for, and its masks at most.
  function maps() {
    const methods = offers.filter(({ name: method }) => picked.has(method));
    const value = (kind, place) => place && ways[kind][place]; // nothing is said of the result's own
    return methods.flatMap(({ name: method, masks }) => places("regions").flatMap((cut) => places("occluders").flatMap((hidden) => places("seeds").map((drawn) => ({
      text: setupText(method, { regions: value("regions", cut), occluder: value("occluders", hidden), seed: drawn && String(ways.seeds[drawn]) }),
      masks: masks[cut],
    })))));
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
      picked.clear();
      for (const method of chosen) picked.add(method);
      for (const { kind } of VARIED) varied[kind] = new Set([0]);
      if (offers.length) fill();
    },
  };
}
