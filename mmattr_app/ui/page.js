// What the page does by itself: light and dark.
() => {
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
  const button = document.getElementById("theme-switch");
  if (button) button.textContent = name();
}
