// Reports what a person has seen and done with the result on show: `onSeen` gets an object of facts whenever they change.
// The lesson and the class use it.

const holdsFor = (list, { from, to }) => (list || []).filter(({ tokens }) => tokens[0] === from && tokens[tokens.length - 1] === to);

// The words that the texts of the lesson may name: the word that is selected first, and one that hardly needs the picture.
function wordsToName(shown, units) {
  if (!shown.full || !shown.blank) return {};
  const content = units.filter(isContent);
  const quiet = content.filter((unit) => hardlyNeeds(shown, unit));
  const said = (unit) => (unit ? spoken(shown.pieces, unit.from, unit.to) : "");
  const first = content.find((unit) => unit.text.trim() === shown.first_word);
  return { first: said(first), quiet: said(quiet[quiet.length - 1]) };
}

function tellSeen(find, changed, { onSeen, onLesson }) {
  find(".to-lesson").hidden = !onLesson;
  find(".to-lesson").addEventListener("click", () => onLesson());
  if (!onSeen) return () => {};
  let barInView = false;
  new IntersectionObserver((entries) => {
    barInView = entries[entries.length - 1].isIntersecting;
    changed();
  }).observe(find(".shares"));
  let told = "";

  return (shown, selection, units) => {
    const one = shown.state === "done" && !selection.whole && shown.pieces.length > 0;
    const facts = {
      serial: shown.serial,
      result: shown.asked > 0 ? shown.job || shown.example : "", // the name by which the page finds it again
      tokens: shown.pieces.length ? tokensOf(selection) : [],
      word: one ? spoken(shown.pieces, selection.from, selection.to) : "",
      predicted: one && Boolean(shown.predicted),
      marked: one && shown.predicted ? [...shown.predicted] : [],
      needless: one && !shown.keptBack && hardlyNeeds(shown, selection),
      compared: one && holdsFor(shown.compared, selection).length > 0,
      measured: one && holdsFor(shown.curves, selection).some(({ curves }) => curves["random-deletion"]),
      shared: one && barInView && Boolean(shown.shares?.kinds.includes("question")),
      finished: shown.state === "done" && shown.pieces.length > 0,
      words: wordsToName(shown, units),
    };
    const text = JSON.stringify(facts);
    if (text === told) return;
    told = text;
    onSeen(facts);
  };
}
