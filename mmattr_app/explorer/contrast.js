// "Why not this?": a form for another text. The map then explains why the model said the selected words and not that text.

function contrastForm(heard) {
  const made = element("form", "contrast");
  const label = element("label", "", "");
  const text = element("input");
  text.type = "text";
  text.maxLength = 200;
  text.placeholder = "another word";
  const send = element("button", "firm", "Why not this?");
  send.type = "submit";
  const called = element("span", "", "");
  label.append(called, text);
  made.append(label, send);
  let tokens = [];
  made.addEventListener("submit", (event) => {
    event.preventDefault();
    if (text.value.trim()) heard.onContrast?.({ tokens, text: text.value.trim() });
    else text.focus();
  });
  return {
    made,
    draw(shown, selection) {
      made.hidden = !(shown.live && shown.state === "done" && !shown.others.length && heard.onContrast);
      tokens = tokensOf(selection);
      called.textContent = `${name({ ...shown, instead_of: "" }, selection)} and not `;
    },
  };
}
