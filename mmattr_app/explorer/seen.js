// What a person has seen of the result on show, told to `onSeen` as plain facts whenever they change; a lesson and a class hear them.

const holdsFor = (list, { from, to }) => (list || []).filter(({ tokens }) => tokens[0] === from && tokens[tokens.length - 1] === to);

// The words that a lesson may name: the one that is selected at first, and one that hardly needs the picture.
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
      result: shown.asked > 0 ? shown.job || shown.example : "", // the name under which the page keeps it
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
