// What the page does by itself: light and dark, what its address says of its look, and one question before everything is
// deleted.
() => {
  const address = new URLSearchParams(location.search);
  document.documentElement.classList.toggle("embed", address.get("embed") === "1");
  document.documentElement.classList.toggle("no-hints", address.get("hints") === "0");
  const name = () => (document.body.classList.contains("dark") ? "Light" : "Dark");
  const chosen = localStorage.getItem("mmattr-theme");
  if (chosen) document.body.classList.toggle("dark", chosen === "dark");
  document.addEventListener("click", (event) => {
    const button = event.target.closest("#theme-switch");
    if (!button) return;
    const dark = document.body.classList.toggle("dark");
    localStorage.setItem("mmattr-theme", dark ? "dark" : "light");
    button.textContent = name();
  });
  // Delete asks once: the page hears the second click only, if it comes within five seconds.
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
