// The readout: the scores of the selection as a sentence, which says only what was measured.

const MATTERS = 0.3; // nats: a token that loses less without the picture comes from the language model alone
// Whether the selection stays about as likely when everything is hidden.
function hardlyNeeds(shown, { from, to }) {
  return Math.abs(relianceOn(shown, from, to)) < MATTERS;
}

const signed = (value, digits = 2) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;

function percent(logprob) {
  const share = Math.exp(Math.min(0, logprob)) * 100;
  if (share < 1) return "under 1%";
  return share > 99 && share < 99.95 ? "over 99%" : `${Math.round(share)}%`;
}

const factorText = (nats) => {
  const times = Math.exp(Math.min(nats, 700));
  return times > 1e6 ? "over a million times" : `${times >= 10 ? Math.round(times).toLocaleString("en") : times.toFixed(1)} times`;
};

// The regions that a sentence names: at most three, those that support the selection most.
function mainRegions(shown, weights) {
  const known = [...weights.keys()].filter((region) => !Number.isNaN(weights[region]));
  const order = known.sort((a, b) => weights[b] - weights[a]);
  const best = weights[order[0]];
  const least = leastOf(shown);
  return best >= least && best > 0 ? order.slice(0, 3).filter((region) => weights[region] > Math.max(0.12 * best, least / 2)) : [];
}

// The sentence, as a list of parts: text, {strong: text}, {region: number} or {advice: text of a button}.
function sentence(shown, selection, weights, errors = null) {
  const { from, to, whole } = selection;
  if (shown.selection && !(shown.selection.includes(from) && shown.selection.includes(to))) {
    const only = { from: shown.selection[0], to: shown.selection[shown.selection.length - 1] };
    return [`This map is for “${spoken(shown.pieces, only.from, only.to)}” alone; select it, or go back to the map before.`];
  }
  if (shown.others.length) return mixedSentence(shown, selection, weights, weighOthers(shown, from, to));
  const known = [...weights.keys()].filter((region) => !Number.isNaN(weights[region]));
  const called = name(shown, selection);
  if (!known.length) return shown.full && shown.blank ? reliance(shown, from, to, called) : [];
  const complete = known.length === weights.length && !(errors && BUSY.has(shown.state));
  const parts = complete ? [] : ["So far: "];
  const order = known.slice().sort((a, b) => weights[b] - weights[a]);
  const [top, low] = [order[0], order[order.length - 1]];
  const best = weights[top];
  const origin = hasShares(shown, from, to) && (areSeveral(shown) || shown.instead_of) ? originOf(shown, called, from, to) : [];
  if (!CAUSAL.has(shown.reads) || shown.instead_of) {
    parts.push(...origin);
    if (!(best > 0 && best >= leastOf(shown))) return parts.concat(`${origin.length ? "No" : "no"} region counts much for ${called}.`);
    return parts.concat(where(shown, weights, errors, origin.length ? "It" : called), REMARKS[shown.reads] || []);
  }
  const relies = relianceOn(shown, from, to);
  if (Math.abs(relies) < MATTERS && (best < MATTERS || !shown.measured)) return parts.concat(reliance(shown, from, to, called));
  if (relies <= -MATTERS) parts.push(...reliance(shown, from, to, called), " ");
  if (best < SAYS) parts.push(...noTopSentence(shown, from, to, called, relies, complete));
  else if (!isSure(weights, errors, top)) {
    parts.push(`It is unclear which part of ${pictureSays(shown)} ${called} rests on: region `, { region: top }, ` (${placeIn(shown, top)}) comes first, `);
    return parts.concat(`but it may mean nothing. ${adviceFor(shown)}`);
  } else {
    const kind = whole ? "the answer" : /\s/.test(spoken(shown.pieces, from, to)) ? "the phrase" : "the word";
    parts.push(...origin, ...where(shown, weights, errors, origin.length ? "It" : called), " ", ...evidence(shown, from, to, kind, relies, top, best));
  }
  if (weights[low] < -SAYS && isSure(weights, errors, low)) parts.push(" Region ", { region: low }, ` (${placeIn(shown, low)}) argues against it.`);
  return parts;
}

const SAYS = 0.2; // nats or logits: a smaller score is not worth a sentence
const leastOf = (shown) => (shown.unit === "nats" || shown.unit === "logits" ? SAYS : 0);

// Kinds of scores (`reads`) that say what hiding does; and, for the others, the verb and the remark of the sentence.
const CAUSAL = new Set(["measured loss", "measured gain", "mean effect", "estimate", "dependence", undefined, null]);
const VERBS = { weight: "has most weight on", order: "is supported first by" };
const REMARKS = { weight: [" This is what the model computes with, not what happens when it is hidden."], order: [] };

// The sentence where no single region matters much.
function noTopSentence(shown, from, to, called, relies, complete) {
  if (relies >= MATTERS) {
    const alone = complete ? [" No single region carries it. "] : [];
    const advice = shown.measured ? (shown.live ? [{ advice: "Hide larger parts" }] : []) : [adviceFor(shown)];
    return [...reliance(shown, from, to, called), ...alone, ...(complete ? advice : [])];
  }
  return relies <= -MATTERS ? [] : [`no region${complete ? "" : " hidden so far"} supports ${called} much.`];
}

// Advice where an estimate is not sure of any region.
const adviceFor = (shown) => `Ask more masks${shown.map.regions > 16 ? ", use larger regions" : ""}, or ask another question.`;

// "regions 3, 4 and 8"; each number is a link that can be pointed at.
const regionsNamed = (regions) => [`region${regions.length > 1 ? "s" : ""} `, ...regions.flatMap((region, i) => [i ? (i === regions.length - 1 ? " and " : ", ") : "", { region }])];

// Says where the selection's support lies. The word "probably" is added for an estimate without errors or near its error.
function where(shown, weights, errors, called) {
  const main = mainRegions(shown, weights);
  const sure = shown.measured || (errors && weights[main[0]] >= VERY_SURE * errors[main[0]]);
  const rests = VERBS[shown.reads] || (sure ? "rests mostly on" : "probably rests mostly on");
  const numbers = [...new Set(main.map((region) => pictureOf(shown, region)))];
  const of = numbers.length > 1 ? (number) => ` of picture ${number + 1}` : () => "";
  const named = numbers.map((number) => [...regionsNamed(main.filter((region) => pictureOf(shown, region) === number)), of(number)]);
  return [`${called} ${rests} ${placesIn(shown, main)} (`, ...named.flatMap((parts, i) => (i ? [", ", ...parts] : parts)), ")."];
}

// The sentence with probabilities: from what to what the selection falls when the top region, or all, is hidden.
function evidence(shown, from, to, kind, relies, top, best) {
  const strong = (text) => ({ strong: text });
  const full = shown.full ? sumOf(shown.full, from, to) : NaN;
  const rare = full < Math.log(0.01);
  if (shown.measured && !Number.isNaN(full)) {
    const hiding = ["Hiding region ", { region: top }, `${ofPicture(shown, top)} alone ${rare ? "makes" : "takes"} ${kind} `];
    if (rare) return [...hiding, strong(factorText(best)), " less likely."];
    return [...hiding, "from ", strong(percent(full)), " to ", strong(percent(full - best)), "."];
  }
  if (!(relies >= MATTERS)) return [];
  if (rare) return [`With ${wholeSays(shown)} hidden ${kind} is `, strong(factorText(relies)), " less likely."];
  return [`With ${wholeSays(shown)} hidden ${kind} falls from `, strong(percent(full)), " to ", strong(percent(full - relies)), "."];
}

function name(shown, { from, to, whole }) {
  const called = whole ? "The whole answer" : `“${spoken(shown.pieces, from, to)}”`;
  return shown.instead_of ? `${called} rather than “${shown.instead_of}”` : called;
}

// The sentence about the whole picture: how likely the tokens are with it and without it.
function reliance(shown, from, to, called) {
  const full = sumOf(shown.full, from, to);
  const blank = sumOf(shown.blank, from, to);
  const strong = (text) => ({ strong: text });
  if (Math.abs(full - blank) < MATTERS) {
    const still = [`${called} hardly needs ${pictureSays(shown)}: with everything hidden its probability is still `];
    return [...still, strong(percent(blank)), ". The words before it were enough."];
  }
  const needs = full > blank ? `${called} needs ${pictureSays(shown)}` : `${called} is likelier without ${pictureSays(shown)}`;
  if (Math.max(full, blank) < Math.log(0.01)) {
    return [`${needs}: hiding all ${areSeveral(shown) ? "of them" : "of it"} makes it `, strong(factorText(Math.abs(full - blank))), full > blank ? " less likely." : " likelier."];
  }
  return [`${needs}: `, strong(percent(full)), ` with ${areSeveral(shown) ? "them" : "it"}, `, strong(percent(blank)), " with everything hidden."];
}

const plain = (shown, parts) => parts.map((part) => part.strong ?? (part.advice ? "" : part.region == null ? part : numberOf(shown, part.region))).join("");
