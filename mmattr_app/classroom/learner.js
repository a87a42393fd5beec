// The learner's page of a class: the form to join, the bar above the page, and what is sent to the class.
(() => {
  "use strict";
  const KEPT = "mmattr-class"; // {token, nickname, code}, in this browser alone
  // On a phone the bar stays in view, since the map lies far below it.
  const LOOK = `
    #class-bar { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 8px; padding: 2px 12px; background: #0a6859; color: #fff; font: 15px/1.4 system-ui, sans-serif; }
    #class-bar button { min-height: 44px; padding: 4px 10px; border: 1px solid #fff; border-radius: 6px; background: transparent; color: #fff; font: inherit; cursor: pointer; }
    #class-bar button:focus-visible { outline: 2px solid #fff !important; outline-offset: 1px; }
    @media (max-width: 720px) {
      #class-bar { position: sticky; top: 0; z-index: 25; }
      #class-bar .who { flex: 1; min-width: 0; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
      #class-bar [role=status]:not(:empty) { flex-basis: 100%; }
      #explorer, #stage { scroll-margin-top: 60px !important; }
    }`;

  function kept() {
    try {
      return JSON.parse(localStorage.getItem(KEPT) || "null");
    } catch {
      return null; // the browser refuses storage
    }
  }

  function keep(member) {
    try {
      localStorage.setItem(KEPT, JSON.stringify(member));
    } catch {
      throw new Error("Your browser lets this page store nothing, so it would forget your class; allow cookies here and join again.");
    }
  }

  async function tell(path, told) {
    const reply = await fetch(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(told) });
    const said = await reply.json().catch(() => ({}));
    if (!reply.ok) throw Object.assign(new Error(said.detail || "The page cannot be reached; try again."), { over: reply.status === 404 });
    return said;
  }

  function element(tag, text, attributes = {}) {
    const made = Object.assign(document.createElement(tag), attributes);
    made.textContent = text;
    return made;
  }

  const form = document.getElementById("join");
  if (form) {
    document.getElementById("code").value = new URLSearchParams(location.search).get("code") || "";
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      const [code, nickname] = ["code", "nickname"].map((id) => document.getElementById(id).value);
      try {
        keep(null); // before the nickname is taken
        keep(await tell("class/join", { code, nickname }));
        location.href = "./?lesson=1";
      } catch (error) {
        document.getElementById("says").textContent = error.message;
      }
    });
    return;
  }

  const me = kept();
  if (!me) return;
  const bar = element("div", "", { id: "class-bar", role: "region", ariaLabel: "Your class" });
  const says = element("span", "", { role: "status" });
  const send = element("button", "Send to the class", { type: "button" });
  const leave = element("button", "Leave", { type: "button" });
  bar.append(element("span", `Class ${me.code}, ${me.nickname}`, { className: "who" }), send, leave, says);
  document.head.append(element("style", LOOK));
  document.body.prepend(bar);

  const forget = () => {
    localStorage.removeItem(KEPT);
    bar.remove();
  };
  const told = async (path, more) => {
    try {
      await tell(path, { token: me.token, ...more });
      return true;
    } catch (error) {
      if (error.over) {
        localStorage.removeItem(KEPT);
        send.remove();
      }
      says.textContent = error.message;
      return false;
    }
  };
  const SENT = "Sent.";
  const isMember = () => kept()?.token === me.token;
  let seen = { result: "" }; // the facts that the explorer reported last
  let guessed = ""; // the guess that was sent last
  document.addEventListener("mmattr-seen", ({ detail }) => {
    if (detail.result !== seen.result && says.textContent === SENT) says.textContent = ""; // it was about the result before
    seen = detail;
    const { result, tokens, marked } = detail;
    const guess = JSON.stringify([result, tokens, marked]);
    if (!detail.predicted || !result || guess === guessed || !isMember()) return;
    guessed = guess;
    told("class/guess", { result, tokens, marked });
  });
  send.addEventListener("click", async () => {
    if (!seen.result) says.textContent = "Explain a picture first.";
    else if (await told("class/send", { result: seen.result, tokens: seen.tokens })) says.textContent = SENT;
  });
  leave.addEventListener("click", forget);
  document.addEventListener("mmattr-step", ({ detail }) => isMember() && told("class/step", { step: detail.step }));
  told("class/me", {});
})();
