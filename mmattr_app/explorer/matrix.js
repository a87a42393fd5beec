// Tab "Whole answer": every word against every region, with the word's reliance on the whole picture.

function wholeTab(stage, tokens) {
  const made = element("div", "whole");
  const note = element("p", "note");
  const scroll = element("div", "matrix");
  const canvas = element("canvas");
  canvas.setAttribute("role", "img");
  scroll.append(canvas);
  made.append(note, scroll);
  const [LABEL, RELIANCE, LINE] = [96, 62, 22];
  let layout = null;
  let picture = null; // the cells, kept while neither scores nor words change
  let cellsKey = "";

  // One pixel a cell; where regions outnumber the pixels, the strongest of those that fall together.
  function cells(shown, units, columns, dark) {
    const key = [shown.job, shown.asked, units.length, columns, dark].join();
    if (picture && cellsKey === key && picture.encoded === shown.encoded) return picture;
    const image = new ImageData(columns, units.length);
    const paper = dark ? [27, 35, 33] : [236, 240, 239];
    const values = units.map(({ from, to }) => surely(weigh(shown, from, to), errorsOf(shown, from, to)));
    let end = FLOOR;
    for (const row of values) end = Math.max(end, largest(row));
    values.forEach((row, line) => {
      for (let column = 0; column < columns; column++) {
        let score = 0;
        const stop = Math.max(Math.floor(((column + 1) * row.length) / columns), Math.floor((column * row.length) / columns) + 1);
        for (let r = Math.floor((column * row.length) / columns); r < stop; r++) if (Math.abs(row[r]) > Math.abs(score)) score = row[r];
        const share = (Math.sign(score) * Math.abs(score / end) ** 0.8) || 0;
        const colour = ramp(share);
        const weight = Math.min(1, Math.abs(share) * 2);
        const at = 4 * (line * columns + column);
        for (let i = 0; i < 3; i++) image.data[at + i] = paper[i] + (colour[i] - paper[i]) * weight;
        image.data[at + 3] = 255;
      }
    });
    picture = new OffscreenCanvas(columns, units.length);
    picture.getContext("2d").putImageData(image, 0, 0);
    picture.encoded = shown.encoded;
    cellsKey = key;
    return picture;
  }

  function draw(shown, selection, weights, state) {
    const units = tokens.units();
    const wide = scroll.clientWidth || 480;
    const styles = getComputedStyle(made);
    const [ink, quiet, paper] = ["--ink", "--ink2", "--bg"].map((token) => styles.getPropertyValue(token).trim());
    const zoom = Math.min(devicePixelRatio || 1, 2, 16000 / (units.length * LINE));
    const start = LABEL + RELIANCE;
    const columns = Math.max(1, Math.min(weights.length, Math.floor(wide - start)));
    layout = { start, width: wide - start, regions: weights.length, lines: units.length };
    canvas.style.height = `${units.length * LINE}px`;
    canvas.width = Math.round(wide * zoom);
    canvas.height = Math.round(units.length * LINE * zoom);
    const context = canvas.getContext("2d");
    context.scale(zoom, zoom);
    context.textBaseline = "middle";
    const relies = units.map((unit) => (shown.full && shown.blank ? sumOf(shown.full, unit.from, unit.to) - sumOf(shown.blank, unit.from, unit.to) : NaN));
    const most = Math.max(FLOOR, ...relies.filter((value) => !Number.isNaN(value)));
    context.imageSmoothingEnabled = false;
    context.drawImage(cells(shown, units, columns, Boolean(made.closest(".dark"))), start, 0, wide - start, units.length * LINE);
    context.fillStyle = paper;
    for (let line = 1; line < units.length; line++) context.fillRect(start, line * LINE - 0.5, wide - start, 1);
    const step = (wide - start) / weights.length;
    for (let r = 1; step > 4 && r < weights.length; r++) context.fillRect(start + r * step - 0.25, 0, 0.5, units.length * LINE);
    units.forEach((unit, line) => {
      const middle = line * LINE + LINE / 2;
      const on = !selection.whole && unit.from >= selection.from && unit.to <= selection.to;
      const language = relies[line] < MATTERS;
      if (on) {
        context.fillStyle = ink;
        context.fillRect(0, line * LINE, LABEL - 6, LINE - 1);
      }
      context.font = `${on ? 700 : 400} 13px ${styles.fontFamily}`;
      context.fillStyle = on ? paper : language ? quiet : ink;
      context.save();
      context.beginPath();
      context.rect(0, line * LINE, LABEL - 6, LINE);
      context.clip();
      context.fillText(spoken(shown.pieces, unit.from, unit.to), 5, middle);
      context.restore();
      if (language) {
        context.fillStyle = quiet;
        context.font = `12px ${styles.fontFamily}`;
        context.fillText("language", LABEL, middle);
      } else if (!Number.isNaN(relies[line])) {
        context.fillStyle = rgb(0.66);
        context.fillRect(LABEL, middle - 4, Math.max(1, ((RELIANCE - 12) * relies[line]) / most), 8);
      }
    });
    const region = state.hover >= 0 ? state.hover : state.pin;
    if (region >= 0) {
      context.strokeStyle = ink;
      context.lineWidth = 1.5;
      context.strokeRect(start + region * step, 1, Math.max(step, 2), units.length * LINE - 2);
    }
    note.textContent = `Rows are ${state.words ? "words" : "tokens"}, columns the ${weights.length} regions in order. The bar beside a word: how much it needs the picture at all; “language” needs it hardly.`;
    const language = units.filter((_, line) => relies[line] < MATTERS).length;
    canvas.ariaLabel = `${units.length} ${state.words ? "words" : "tokens"} by ${weights.length} regions; ${language} hardly need the picture.`;
  }

  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    const column = Math.floor(((event.clientX - box.left - layout.start) / layout.width) * layout.regions);
    const line = Math.floor((event.clientY - box.top) / LINE);
    return [column >= 0 && column < layout.regions ? column : -1, line];
  };
  canvas.addEventListener("pointermove", (event) => stage.point(place(event)[0]));
  canvas.addEventListener("pointerleave", () => stage.point(-1));
  canvas.addEventListener("click", (event) => tokens.select(place(event)[1], event.shiftKey));
  return { made, draw };
}
