// Scripts of the page itself: the switch for dark mode, the address parameters `embed` and `hints`, and a second click to
// confirm Delete.
() => {
  const address = new URLSearchParams(location.search);
  document.documentElement.classList.toggle("embed", address.get("embed") === "1");
  document.documentElement.classList.toggle("no-hints", address.get("hints") === "0");
  const name = () => (document.body.classList.contains("dark") ? "Light" : "Dark");
  let storage = null;
  try {
    storage = localStorage;
  } catch {
    // in a frame of another site the browser may allow none
  }
  const chosen = storage?.getItem("mmattr-theme");
  if (chosen) document.body.classList.toggle("dark", chosen === "dark");
  document.addEventListener("click", (event) => {
    const button = event.target.closest("#theme-switch");
    if (!button) return;
    const dark = document.body.classList.toggle("dark");
    storage?.setItem("mmattr-theme", dark ? "dark" : "light");
    button.textContent = name();
  });
  // The first click on Delete only changes its label. A second click within five seconds reaches Gradio and deletes.
  let asked = 0;
  let label = "";
  document.addEventListener(
    "click",
    (event) => {
      const button = event.target.closest("#delete");
      if (!button) return;
      const forget = () => {
        clearTimeout(asked);
        asked = 0;
        button.textContent = label;
      };
      if (asked) return forget();
      event.stopImmediatePropagation();
      event.preventDefault();
      label = button.textContent;
      button.textContent = "Really delete? Press again";
      asked = setTimeout(forget, 5000);
    },
    true,
  );
  const button = document.getElementById("theme-switch");
  if (button) button.textContent = name();
}
