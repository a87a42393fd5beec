// Joins model tokens into words.

function wordStarts(text) {
  if (typeof Intl === "object" && Intl.Segmenter) {
    const segments = new Intl.Segmenter(undefined, { granularity: "word" }).segment(text);
    return new Set(Array.from(segments, (segment) => segment.index));
  }
  const starts = new Set();
  for (let i = 0; i <= text.length; i++) {
    if (!(/[\p{L}\p{N}]/u.test(text[i - 1] || "") && /[\p{L}\p{N}]/u.test(text[i] || ""))) starts.add(i);
  }
  return starts;
}

// Units [{from, to, text}]: words, or single tokens. A token without text is joined to the next one that has some.
function unitsOf(pieces, words) {
  const starts = wordStarts(pieces.join(""));
  const units = [];
  let offset = 0;
  let waits = false; // the last unit has no visible text yet
  pieces.forEach((piece, token) => {
    const inside = words && offset > 0 && !starts.has(offset);
    const last = units[units.length - 1];
    if (last && (waits || (inside && piece))) {
      last.to = token;
      last.text += piece;
    } else {
      units.push({ from: token, to: token, text: piece });
    }
    const text = units[units.length - 1].text;
    waits = text === "" || (words && /^[^\S\n\r]+$/.test(text));
    offset += piece.length;
  });
  const last = units[units.length - 1];
  if (units.length > 1 && last.text === "") {
    units[units.length - 2].to = last.to;
    units.pop();
  }
  return units;
}

// English function words, which are not selected first: few people ask why the model said them.
const FUNCTION_WORDS = new Set("and are but for from has have her his into its not one off onto that the their there these they this those under was were which with".split(" "));

// Whether a unit is a content word, which names something.
const isContent = (unit) => /[\p{L}\p{N}]{3,}|[^\p{ASCII}]|^\s*(no|\p{N}+)\s*$/iu.test(unit.text) && !FUNCTION_WORDS.has(unit.text.trim().toLowerCase());

// The text of the tokens from..to, as a sentence quotes it: shortened, with signs for white space.
function spoken(pieces, from, to) {
  const text = pieces.slice(from, to + 1).join("").trim().replace(/\s*\n\s*/g, " ↵ ");
  if (!text) return pieces.slice(from, to + 1).join("").includes("\n") ? "↵" : "␣";
  const letters = Array.from(text);
  return letters.length > 60 ? `${letters.slice(0, 36).join("")} … ${letters.slice(-18).join("")}` : text;
}

// The numbers of the tokens from..to.
const tokensOf = ({ from, to }) => Array.from({ length: to - from + 1 }, (_, i) => from + i);
