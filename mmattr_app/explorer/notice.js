// The notice above the answer, and the button and the key that lead back from a preview to the result under it.

function noticeView(host, find, { onBack = () => {}, onModels = () => {} }) {
  let covered = false;
  find(".back-to-map").addEventListener("click", onBack);
  find(".models").addEventListener("click", onModels);
  document.addEventListener("keydown", (event) => {
    const open = event.target instanceof Element && event.target.matches("textarea, [aria-expanded=true], .pad");
    if (event.key === "Escape" && covered && !open && !event.defaultPrevented && host.isConnected) onBack();
  });

  return (shown) => {
    covered = Boolean(shown.back) && !shown.asked;
    find(".over").toggleAttribute("hidden", !covered);
    find(".notice").toggleAttribute("hidden", !shown.notice);
    find(".notice .text").textContent = shown.notice || "";
    find(".models").hidden = !(shown.unfamiliar && shown.live);
    host.classList.toggle("unfamiliar", Boolean(shown.unfamiliar));
  };
}
