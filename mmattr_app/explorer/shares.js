// How much of the selection comes from each kind of what was hidden: the picture, the question, its own earlier words.

const KINDS = { picture: "#0a6859", question: "#7a4fb5", "own words": "#b8860b" };
const OTHERS = ["#3a7ec4", "#884055", "#667733"];
const KIND_SAYS = { picture: "the picture", question: "the question", "own words": "its own earlier words" };

const kindSays = (kind) => KIND_SAYS[kind] || `the ${kind}`;

// Each kind's share of the selection, with its sign: of the sizes of all.
function sharesOf(shown, from, to) {
  const values = shown.shares.values.map((row) => sumOf(row, from, to));
  const all = values.reduce((sum, value) => sum + Math.abs(value), 0) || 1;
  return shown.shares.kinds.map((kind, i) => ({ kind, value: values[i], share: Math.abs(values[i]) / all }));
}

// "the picture (71%) and the question (29%)", the largest first.
function sharesText(shares) {
  const named = shares.slice().sort((a, b) => b.share - a.share).filter(({ share }) => share >= 0.005);
  const texts = named.map(({ kind, share }) => `${kindSays(kind)} (${Math.round(100 * share)}%)`);
  return listed(texts) || "nothing that was hidden";
}

// Where words play, too: how much comes from each kind, and what counts most.
function mixedSentence(shown, { from, to, whole }, weights, beside) {
  const called = name(shown, { from, to, whole });
  const known = [...weights, ...beside].filter((score) => !Number.isNaN(score));
  if (!known.length) return [];
  const parts = known.length < weights.length + beside.length ? ["So far: "] : [];
  if (shown.shares) parts.push(`${called} comes from ${sharesText(sharesOf(shown, from, to))}. `);
  else parts.push(`${called}: `);
  const tops = [...mainRegions(shown, weights).slice(0, 2)].map((region) => ({ region, score: weights[region] }));
  const words = [...beside.keys()].filter((other) => beside[other] >= SAYS).map((other) => ({ other, score: beside[other] }));
  const best = [...tops, ...words].sort((a, b) => b.score - a.score).slice(0, 3);
  if (!best.length) return parts.concat("No region and no word supports it much by itself.");
  parts.push("What supports it most: ");
  best.forEach(({ region, other, score }, i) => {
    if (i) parts.push(i === best.length - 1 ? " and " : ", ");
    if (other == null) parts.push("region ", { region }, ` (${placeOf(shown.map, region)}, ${signed(score)})`);
    else parts.push(`“${shown.others[other].name}” (${shown.others[other].kind}, ${signed(score)})`);
  });
  return parts.concat(` ${shown.unit}.`);
}

function sharesView(find) {
  const host = find(".shares");
  return (shown, { from, to }) => {
    host.hidden = !shown.shares;
    if (host.hidden) return;
    const shares = sharesOf(shown, from, to);
    const bar = element("div", "share-bar");
    bar.ariaHidden = "true";
    const list = element("p", "share-list");
    let other = 0;
    for (const { kind, share, value } of shares) {
      const colour = KINDS[kind] || OTHERS[other++ % OTHERS.length];
      const part = element("i", value < 0 ? "against" : "");
      part.style.width = `${100 * share}%`;
      part.style.setProperty("--colour", colour);
      bar.append(part);
      const item = element("span", "", "");
      const dot = element("i", value < 0 ? "against" : "");
      dot.style.setProperty("--colour", colour);
      item.append(dot, `${kind} ${Math.round(100 * share)}%${value < 0 ? " against it" : ""}`);
      item.title = `${signed(value)} nats`;
      list.append(item);
    }
    const joint = sumOf(shown.shares.joint, from, to);
    if (Math.abs(joint) >= MATTERS) list.append(element("span", "joint", `${signed(joint, 1)} nats only by several together`));
    const key = list.textContent;
    if (host.key === key) return;
    host.key = key;
    host.replaceChildren(bar, list);
  };
}
