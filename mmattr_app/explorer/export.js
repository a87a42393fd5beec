// Tab "Export": links to files that the server makes, and a PNG that the browser draws.

const FORMATS = {
  html: ["Interactive page", "one file, works offline"],
  json: ["JSON", "everything, as text"],
  npz: ["NPZ", "arrays for NumPy"],
};

const CODE = {
  python: ["Copy as Python", "asks the same in a notebook"],
  command: ["Copy as command", "asks the same in a shell"],
};

// A button that copies a text; `textOf` makes the text when it is pressed.
function copyButton(format, title, description, textOf) {
  const button = element("button", "file");
  button.type = "button";
  button.dataset.format = format;
  const says = element("span", "", description);
  button.append(element("strong", "", title), says);
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(textOf());
      says.textContent = "copied";
    } catch {
      says.textContent = textOf(); // without HTTPS there is no clipboard: show the text, to be copied by hand
      says.classList.add("code");
    }
  });
  return button;
}

// A link that opens the result with these words selected and this tab open, as long as the server keeps the result.
function linkTo(url, { selection: { from, to, whole }, state: { linked } }) {
  const more = [whole ? "" : `&words=${from}-${to}`, linked === "why" ? "" : `&tab=${linked}`];
  return new URL(url + more.join(""), location.href).href;
}

// The Python code, changed to ask about the selected words; a command prints all words anyway.
function withWords(code, { selection }) {
  return selection.whole ? code : code.replace(/why\.top\(\)\n$/, () => `why.top([${tokensOf(selection).join(", ")}])\n`);
}

function exportTab(find, current) {
  const made = element("div", "export");
  const png = element("button", "file");
  png.type = "button";
  png.dataset.format = "png";
  png.append(element("strong", "", "PNG"), element("span", "", "picture, heatmap and sentence"));
  png.addEventListener("click", async () => {
    const link = element("a");
    link.href = URL.createObjectURL(await new Promise((done) => poster(find, current()).toBlob(done)));
    link.download = "mmattr.png";
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  });

  function draw(shown) {
    const links = Object.entries(shown.files)
      .filter(([, url]) => !/^\s*(javascript|vbscript):/i.test(url))
      .map(([format, url]) => {
        if (format === "link") return copyButton(format, "Copy link", "opens this result again", () => linkTo(url, current()));
        const [title, says] = FORMATS[format] || [format.toUpperCase(), ""];
        const link = element("a", "file");
        link.dataset.format = format;
        link.href = url;
        link.download = "";
        link.append(element("strong", "", title), element("span", "", says));
        return link;
      });
    const code = Object.entries(CODE)
      .filter(([language]) => shown.code[language])
      .map(([language, words]) => copyButton(language, ...words, () => withWords(shown.code[language], current())));
    const needs = shown.code.needs ? [element("p", "needs", shown.code.needs)] : []; // files to save first, since the code reads them
    png.hidden = !shown.map;
    const key = JSON.stringify([shown.files, shown.code]);
    if (made.key === key) return;
    made.key = key;
    made.replaceChildren(png, ...links, ...code, ...needs);
  }

  return { made, draw };
}

// Write text on a canvas with line breaks; `pieces` are pairs [text, {ink, ground}]. Returns y of the next line.
function flow(context, pieces, x, y, width, size) {
  const line = size * 1.6;
  let at = x;
  for (const [text, look] of pieces) {
    context.font = `${size}px "IBM Plex Sans", system-ui, sans-serif`;
    for (const part of text.split(/(?<=\s)/)) {
      const room = context.measureText(part.trimEnd()).width;
      if (at > x && at + room > x + width) {
        at = x;
        y += line;
      }
      const full = context.measureText(part).width;
      if (look.ground) {
        context.fillStyle = look.ground;
        context.fillRect(at - 1, y - size, full + 2, size * 1.32);
      }
      context.fillStyle = look.ink;
      context.fillText(part, at, y);
      at += full;
    }
  }
  return y + line;
}

const POSTER_HIGH = 1000; // pixels of height for the pictures of the PNG

function poster(find, { shown, selection, weights, errors, state }) {
  const [width, edge] = [1200, 48];
  const inner = width - 2 * edge;
  const canvas = element("canvas");
  canvas.width = width;
  canvas.height = 4000;
  const context = canvas.getContext("2d");
  const [ink, quiet] = ["#13201c", "#4b5954"];
  context.fillStyle = "#f2f5f4";
  context.fillRect(0, 0, width, canvas.height);
  let y = flow(context, [[shown.prompt.slice(0, 400), { ink: quiet }]], edge, edge + 20, inner, 20) + 14;
  const words = shown.pieces.flatMap((piece, token) => {
    const on = !selection.whole && token >= selection.from && token <= selection.to;
    const [, gap, text] = piece.replace(/\n/g, " ").match(/^(\s*)(.*)$/s);
    const inside = on && token > selection.from ? { ink, ground: ink } : { ink };
    return [[gap, inside], [text, on ? { ink: "#fff", ground: ink } : { ink }]];
  });
  y = flow(context, words, edge, y + 14, inner, 32) + 6;
  y = flow(context, [[plain(shown, sentences(shown, selection, weights, errors)), { ink }]], edge, y, inner, 21) + 4;
  y = drawPictures(context, find, { shown, selection, weights, errors, state }, y, inner, edge) + 24;
  for (let x = 0; x < inner; x++) {
    const share = (2 * x) / inner - 1;
    context.fillStyle = Math.abs(share) < FAINT ? "#fff" : rgb(share);
    context.fillRect(edge + x, y, 1, 14);
  }
  y += 40;
  context.font = '18px "IBM Plex Sans", system-ui, sans-serif';
  context.fillStyle = quiet;
  for (const [text, align, x] of [[find(".low").textContent, "left", 0], ["0", "center", inner / 2], [find(".high").textContent, "right", inner]]) {
    context.textAlign = align;
    context.fillText(text, edge + x, y);
  }
  context.textAlign = "left";
  y += 36;
  y = flow(context, [[find(".foot").textContent, { ink: quiet }]], edge, y, inner, 18);
  const cut = element("canvas");
  cut.width = width;
  cut.height = Math.min(4000, Math.round(y + 16));
  cut.getContext("2d").drawImage(canvas, 0, 0);
  return cut;
}

// Draw the pictures in rows, each row centred; returns y of their lower end.
function drawPictures(context, find, now, top, inner, edge) {
  const { shown, selection, weights, errors } = now;
  const { pictures } = shown;
  const links = linksOf(shown, selection);
  const marked = markedRegions(shown, withoutRest(shown, surely(weights, errors)), links);
  const high = heightInRows(pictures.map(({ width, height }) => width / height), inner, POSTER_HIGH);
  let row = [];
  let y = top;
  const finish = () => {
    const wide = row.reduce((sum, { long }) => sum + long + GAP, -GAP);
    let x = edge + (inner - wide) / 2;
    for (const { number, long } of row) {
      drawPicture(context, find, number, { ...now, links, marked }, { x, y, long, high });
      x += long + GAP;
    }
    y += high + (pictures.length > 1 ? CAPTION + GAP : 0);
    row = [];
  };
  pictures.forEach(({ width, height }, number) => {
    const long = (high * width) / height;
    if (row.reduce((sum, one) => sum + one.long + GAP, 0) + long > inner + 1) finish(); // 1: for rounding
    row.push({ number, long });
  });
  finish();
  return y;
}

function drawPicture(context, find, number, { shown, state, links, marked }, { x, y, long, high }) {
  const pane = find(".stages").querySelectorAll(".pane")[number];
  const map = shown.maps[number];
  const on = (selector) => pane.querySelector(selector);
  if (map) context.filter = `saturate(${1 - 0.6 * state.opacity}) contrast(${1 - 0.22 * state.opacity}) brightness(${1 + 0.16 * state.opacity})`;
  context.drawImage(on(".picture"), x, y, long, high);
  context.filter = "none";
  if (shown.pictures.length > 1) {
    context.font = '20px "IBM Plex Sans", system-ui, sans-serif';
    context.fillStyle = "#13201c";
    context.fillText(on("figcaption").textContent, x, y + high + CAPTION - 6);
  }
  if (!map) return;
  const smooth = showsPixels(shown, state) || isSmooth(shown, state, map);
  context.globalAlpha = state.opacity;
  context.imageSmoothingEnabled = smooth;
  context.drawImage(on(".heatmap"), x, y, long, high);
  context.globalAlpha = 1;
  const zoom = long / map.width;
  context.setTransform(zoom, 0, 0, high / map.height, x, y);
  context.lineWidth = 1 / zoom;
  context.strokeStyle = "rgb(20 32 28 / 0.16)";
  if (!smooth) context.stroke(new Path2D(allBorders(map)));
  context.setTransform(1, 0, 0, 1, 0, 0);
  drawLinks(context, map, linksIn(map, links), zoom, x, y);
  drawMarks(context, map, marked, zoom, x, y);
}
