// The question, above the answer. If its words are players, each is a button, coloured by its score for the selected words
// of the answer.

const TITLES = { question: "You asked: ", "system prompt": "System prompt: ", document: "Document: " };

function askedView(find, state, changed) {
  const host = find(".asked");
  let made = "";
  let drawn = null; // the message that is drawn
  let words = []; // buttons of words, each with the number of its player (`other`)

  function wordOf(text, other) {
    const word = element("button", "said", text);
    word.type = "button";
    word.other = other;
    const point = (to) => {
      state.other = to;
      changed();
    };
    for (const event of ["pointerenter", "focus"]) word.addEventListener(event, () => point(other));
    for (const event of ["pointerleave", "blur"]) word.addEventListener(event, () => point(-1));
    word.addEventListener("click", () => {
      state.held = state.held === other ? -1 : other;
      changed();
    });
    words.push(word);
    return word;
  }

  function lineOf(shown, part, text) {
    const spans = shown.others.flatMap(({ spans }, other) => spans.filter(([of]) => of === part).map(([, from, to]) => ({ from, to, other })));
    spans.sort((a, b) => a.from - b.from);
    const letters = Array.from(text); // by code points, as Python counts
    const line = element("span", "line-of-text");
    line.append(element("span", "title", TITLES[part] || `${part}: `));
    let at = 0;
    for (const { from, to, other } of spans) {
      line.append(letters.slice(at, from).join(""), wordOf(letters.slice(from, to).join(""), other));
      at = to;
    }
    line.append(letters.slice(at).join(""));
    return line;
  }

  function build(shown) {
    words = [];
    if (!Object.keys(shown.texts).length) {
      host.textContent = shown.typed ? `You asked: ${shown.prompt} A text of yours, not the model’s answer:` : `You asked: ${shown.prompt}`;
      return;
    }
    const texts = "question" in shown.texts ? shown.texts : { ...shown.texts, question: shown.prompt };
    host.replaceChildren(...Object.entries(texts).map(([part, text]) => lineOf(shown, part, text)));
  }

  return (shown, beside, scale) => {
    const key = drawn === shown ? made : JSON.stringify([shown.prompt, shown.typed, shown.texts, shown.others]);
    drawn = shown;
    if (made !== key) {
      made = key;
      build(shown);
      host.title = shown.prompt;
      host.classList.toggle("plays", words.length > 0);
    }
    for (const word of words) {
      const score = beside[word.other];
      const share = Math.abs(score / scale) >= 0.04 ? score / scale : 0;
      word.style.setProperty("--tint", share ? rgb(share, 0.22 + 0.5 * Math.min(1, Math.abs(share))) : "transparent");
      word.title = Number.isNaN(score) ? "not hidden yet" : `${signed(score)} ${shown.unit}`;
      word.ariaLabel = `${word.textContent}: ${word.title}`;
      word.ariaPressed = String(state.held === word.other);
    }
  };
}
