// Numbers as a sentence. It says only what was measured.

const MATTERS = 0.3; // nats: a token with less reliance came from the language model
const signed = (value, digits = 2) => `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(digits)}`;

function percent(logprob) {
  const share = Math.exp(Math.min(0, logprob)) * 100;
  if (share < 1) return "under 1%";
  return share > 99 && share < 99.95 ? "over 99%" : `${Math.round(share)}%`;
}

const fewer = (nats) => {
  const times = Math.exp(Math.min(nats, 700));
  return times > 1e6 ? "over a million times" : `${times >= 10 ? Math.round(times).toLocaleString("en") : times.toFixed(1)} times`;
};

// Parts of the sentence: text, {strong: text} or {region: number}.
function sentence(shown, selection, weights, errors = null) {
  const { from, to, whole } = selection;
  const known = [...weights.keys()].filter((region) => !Number.isNaN(weights[region]));
  if (!known.length) return shown.full && shown.blank ? reliance(shown, from, to, name(shown, selection)) : [];
  const parts = [];
  const complete = known.length === weights.length && !(errors && BUSY.has(shown.state));
  const strong = (text) => ({ strong: text });
  const called = name(shown, selection);
  const kind = whole ? "it" : /\s/.test(spoken(shown.pieces, from, to)) ? "the phrase" : "the word";
  const order = known.slice().sort((a, b) => weights[b] - weights[a]);
  const [top, low] = [order[0], order[order.length - 1]];
  const best = weights[top];
  const full = shown.full ? sumOf(shown.full, from, to) : NaN;
  const relies = shown.full && shown.blank ? full - sumOf(shown.blank, from, to) : NaN;
  if (!complete) parts.push("So far: ");
  if (relies < MATTERS && relies > -MATTERS && (best < MATTERS || !shown.measured)) return parts.concat(reliance(shown, from, to, called));
  if (relies <= -MATTERS) parts.push(...reliance(shown, from, to, called), " ");
  const certainty = errors ? best / Math.max(errors[top], 1e-9) : Infinity;
  if (best >= 0.2 && !isSure(weights, errors, top)) {
    parts.push(`It is not sure which part of the picture ${called} rests on: the weight of region `, { region: top });
    parts.push(", the largest, is ", strong(signed(best) + plusMinus(errors, top)), ` ${shown.unit}. Ask more masks, or cut more coarsely.`);
    return parts;
  }
  if (best < 0.2) {
    if (relies >= MATTERS) parts.push(...reliance(shown, from, to, called), complete ? " No single region carries it." : "");
    else if (!(relies <= -MATTERS)) parts.push(`no region${complete ? "" : " hidden so far"} supports ${called} much.`);
  } else {
    const main = order.slice(0, 3).filter((region) => weights[region] > Math.max(0.12 * best, 0.1));
    parts.push(`${called} ${certainty < VERY_SURE ? "probably rests" : "rests"} mostly on region${main.length > 1 ? "s" : ""} `);
    main.forEach((region, i) => parts.push(i ? (i === main.length - 1 ? " and " : ", ") : "", { region }));
    const alone = main.length > 1 ? { region: top } : "it";
    if (shown.reads === "estimate") {
      parts.push("; ", ...(main.length > 1 ? ["region ", alone, " has the largest weight, "] : ["its weight is "]));
      parts.push(strong(signed(best) + plusMinus(errors, top)), ". Weights of a fitted model, in logits, not probabilities.");
    } else if (!shown.measured || Number.isNaN(full)) {
      parts.push("; ", ...(main.length > 1 ? ["region "] : []), alone, " counts for ", strong(`${signed(best) + plusMinus(errors, top)} ${shown.unit}`), ".");
    } else if (full < Math.log(0.01)) {
      parts.push("; hiding ", alone, ` alone makes ${kind} `, strong(fewer(best)), " less likely.");
    } else {
      parts.push("; hiding ", alone, ` alone takes ${kind} from `);
      parts.push(strong(percent(full)), " to ", strong(percent(full - best)), ".");
    }
  }
  if (weights[low] < -0.2 && isSure(weights, errors, low)) parts.push(" Region ", { region: low }, " argues against it.");
  return parts;
}

function name(shown, { from, to, whole }) {
  return whole ? "The whole answer" : `“${spoken(shown.pieces, from, to)}”`;
}

// What the whole picture does to the tokens, with no region told apart.
function reliance(shown, from, to, called) {
  const full = sumOf(shown.full, from, to);
  const blank = sumOf(shown.blank, from, to);
  const strong = (text) => ({ strong: text });
  if (Math.abs(full - blank) < MATTERS) {
    const still = [`${called} hardly needs the picture: with everything hidden its probability is still `];
    return [...still, strong(percent(blank)), ". The words before it were enough."];
  }
  const needs = full > blank ? `${called} needs the picture` : `${called} is likelier without the picture`;
  if (Math.max(full, blank) < Math.log(0.01)) {
    return [`${needs}: hiding all of it makes it `, strong(fewer(Math.abs(full - blank))), full > blank ? " less likely." : " likelier."];
  }
  return [`${needs}: `, strong(percent(full)), " with it, ", strong(percent(blank)), " with everything hidden."];
}

const plain = (parts) => parts.map((part) => part.strong ?? (part.region == null ? part : part.region + 1)).join("");
