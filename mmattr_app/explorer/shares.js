// Shares: how much of the selection comes from each kind of player: the picture, the question, the answer's own words.

const KINDS = { picture: "#0a6859", question: "#7a4fb5", "own words": "#b8860b" };
const NEEDED = Math.log(10); // nats: without a kind that is needed, the selection is at most a tenth as likely
const OTHERS = ["#3a7ec4", "#884055", "#667733", "#c46a1b", "#5f6b73", "#2f9c95", "#b04a9a", "#7d6a45"];
const KIND_SAYS = { picture: "the picture", question: "the question", "own words": "its own earlier words" };

const kindSays = (kind) => KIND_SAYS[kind] || (/^picture \d+$/.test(kind) ? kind : `the ${kind}`);

// Each kind's Shapley value for the selection, and its share: its size, divided by the sum of all sizes.
function sharesOf(shares, from, to) {
  const values = shares.values.map((row) => sumOf(row, from, to));
  const all = values.reduce((sum, value) => sum + Math.abs(value), 0) || 1;
  return shares.kinds.map((kind, i) => ({ kind, value: values[i], share: Math.abs(values[i]) / all }));
}

const shareSays = ({ share, value }, { estimated }) => `${estimated ? "≈" : ""}${Math.round(100 * share)}%${value < 0 ? " against it" : ""}`;

// Whether there is nothing to share out: the earlier words of the answer alone make the selection about as likely as
// everything together does, or nothing makes a difference between it and the other text.
function leavesNothing(shown, from, to) {
  if (!shown.instead_of && !(shown.shares.given && to > 0)) return false;
  return sharesOf(mainShares(shown), from, to).reduce((sum, { value }) => sum + Math.abs(value), 0) < MATTERS;
}

// The log-probability of the selection when everything is hidden except the earlier words of the answer.
const byOwnWords = (shown, from, to) => sumOf(shown.full, from, to) - shown.shares.given.values.reduce((sum, row) => sum + sumOf(row, from, to), 0);

// The log-probability of the selection while one of two kinds is hidden, both, or none; null where the Shapley values do
// not tell. Of two kinds half of what only both explain is in each value, and all of it is lost with either.
function whileHidden(shown, from, to) {
  const main = mainShares(shown);
  if (shown.instead_of || main.kinds.length !== 2) return null;
  const [full, joint, shares] = [sumOf(shown.full, from, to), sumOf(main.joint, from, to), sharesOf(main, from, to)];
  const kinds = shares.map(({ kind, value }) => ({ kind, without: full - value - joint / 2 }));
  return { kinds, full, none: shares.reduce((left, { value }) => left - value, full) };
}

// A sentence that says where the selection comes from.
function originOf(shown, called, from, to) {
  const { given } = shown.shares;
  if (leavesNothing(shown, from, to)) {
    if (shown.instead_of) return [`Hiding ${listed(mainShares(shown).kinds.map(kindSays))} changes nothing about ${called}. `];
    return [`${called} comes from its own earlier words: they alone make it `, { strong: `${percent(byOwnWords(shown, from, to))} likely` }, ". "];
  }
  const end = given && to > 0 ? ", given what was said before it. " : ". ";
  const hidden = whileHidden(shown, from, to);
  const needsBoth = hidden && hidden.kinds.every(({ without }) => hidden.full - without >= NEEDED);
  return [`${called} ${needsBoth ? "needs both" : "comes from"} ${sharesText(sharesOf(mainShares(shown), from, to), mainShares(shown))}${end}`];
}

// What the bar does not show: how likely the selection is while a kind is hidden, and the share of the earlier words.
function restText(shown, from, to) {
  const given = shown.shares.given;
  const own = given && sharesOf(shown.shares, from, to).find(({ kind }) => kind === "own words");
  const anew = own && `take ${Math.round(100 * own.share)}% of the shares, since the answer then starts from nothing.`;
  if (shown.instead_of) return given ? `With its own earlier words hidden as well, they ${anew}` : "";
  const texts = [chancesText(shown, from, to)];
  if (given && to > 0) texts.push(`Its own earlier words, hidden as well, ${anew}`);
  return texts.filter(Boolean).join(" ");
}

function chancesText(shown, from, to) {
  const hidden = whileHidden(shown, from, to);
  const given = shown.shares.given;
  if (hidden && !leavesNothing(shown, from, to)) {
    const each = hidden.kinds.map(({ kind, without }, i) => `with ${kindSays(kind)} hidden ${i ? "" : "it is "}${percent(without)}${i ? "" : " likely"}`);
    return `W${each.join(", ").slice(1)}, with both hidden ${percent(hidden.none)}, with nothing hidden ${percent(hidden.full)}.`;
  }
  if (!given) return "";
  const alone = to > 0 ? "Its own earlier words alone make it" : "With all of this hidden it is";
  return `${alone} ${percent(byOwnWords(shown, from, to))} likely, everything together ${percent(sumOf(shown.full, from, to))}.`;
}

// The text before the list of shares: what is shared out.
function sharedText(shown, from, to) {
  const given = shown.shares.given && to > 0;
  if (!shown.instead_of) return given ? "Given what was said before it:" : "";
  const said = `Of what makes it “${spoken(shown.pieces, from, to)}” and not “${shown.instead_of}”`;
  return `${said}${given ? ", given what was said before it" : ""}:`;
}

// "the picture (71%) and the question (19%), against picture 2 (10%)", the largest first.
function sharesText(shares, { estimated }) {
  const named = shares.slice().sort((a, b) => b.share - a.share).filter(({ share }) => share >= 0.005);
  const texts = (those) => listed(those.map(({ kind, share }) => `${kindSays(kind)} (${estimated ? "about " : ""}${Math.round(100 * share)}%)`));
  const against = texts(named.filter(({ value }) => value < 0));
  return (texts(named.filter(({ value }) => value >= 0)) || "nothing that was hidden") + (against ? `, against ${against}` : "");
}

// The sentence where words are players, too: how much comes from each kind, and which players matter most.
function mixedSentence(shown, { from, to, whole }, weights, beside) {
  const called = name(shown, { from, to, whole });
  const known = [...weights, ...beside].filter((score) => !Number.isNaN(score));
  if (!known.length) return [];
  const parts = known.length < weights.length + beside.length ? ["So far: "] : [];
  if (hasShares(shown, from, to)) parts.push(...originOf(shown, called, from, to));
  else parts.push(`${called}: `);
  const tops = [...mainRegions(shown, weights).slice(0, 2)].map((region) => ({ region, score: weights[region] }));
  const words = [...beside.keys()].filter((other) => beside[other] >= SAYS).map((other) => ({ other, score: beside[other] }));
  const best = [...tops, ...words].sort((a, b) => b.score - a.score).slice(0, 3);
  if (!best.length) return parts.concat("No region and no word supports it much by itself.");
  parts.push("What supports it most: ");
  best.forEach(({ region, other, score }, i) => {
    if (i) parts.push(i === best.length - 1 ? " and " : ", ");
    if (other == null) parts.push("region ", { region }, ` (${placeIn(shown, region)}, ${signed(score)})`);
    else parts.push(`“${shown.others[other].name}” (${shown.others[other].kind}, ${signed(score)})`);
  });
  return parts.concat(` ${shown.unit}.`);
}

function sharesView(find) {
  const host = find(".shares");
  return (shown, { from, to }) => {
    host.hidden = !hasShares(shown, from, to);
    if (host.hidden) return;
    const main = mainShares(shown);
    const shares = sharesOf(main, from, to);
    const bar = element("div", "share-bar");
    bar.ariaHidden = "true";
    const list = element("p", "share-list");
    bar.hidden = list.hidden = leavesNothing(shown, from, to);
    const says = sharedText(shown, from, to);
    if (says) list.append(element("span", shown.instead_of ? "line" : "", says));
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
      item.append(dot, `${kind} ${shareSays({ share, value }, main)}`);
      item.title = `${signed(value)} nats`;
      list.append(item);
    }
    const joint = sumOf(main.joint, from, to);
    if (Math.abs(joint) >= MATTERS) list.append(element("span", "joint", `${signed(joint, 1)} nats only from ${shares.length > 2 ? "several" : "both"} together`));
    const rest = element("p", "share-rest", restText(shown, from, to));
    const key = list.textContent + rest.textContent;
    if (host.key === key) return;
    host.key = key;
    host.replaceChildren(bar, list, rest);
  };
}
