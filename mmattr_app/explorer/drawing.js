// Drawing on the pictures: each rectangle, lasso or brush stroke becomes a region. Points are in fractions of the picture.

const CLOSE = 0.004; // share of the longer side: a point nearer than this to the last one is left out
const FINEST = 4; // digits that a fraction keeps

function drawingView(find, state, changed, onDraw) {
  const stages = find(".stages");
  const pads = () => [...stages.querySelectorAll(".pad")]; // one over each picture, in their order
  let number = null; // the number of the drawing on the pads
  let sizes = [[1, 1]]; // of the pictures
  let drawn = []; // the shapes in the order in which they were drawn, each as {picture, shape}
  let going = null; // the one that is being drawn
  let began = null;

  const place = (event) => {
    const box = pads()[going.picture].getBoundingClientRect();
    const share = (value, from, length) => Number(Math.min(1, Math.max(0, (value - from) / length)).toFixed(FINEST));
    return [share(event.clientX, box.left, box.width), share(event.clientY, box.top, box.height)];
  };
  // How far apart two points of a picture are, as a share of its longer side.
  const apart = ([x, y], [left, top], [width, height]) => Math.hypot((x - left) * width, (y - top) * height) / Math.max(width, height);

  function begin(point) {
    began = point;
    if (state.pen === "rectangle") return ["rectangle", ...point, ...point];
    return state.pen === "lasso" ? ["lasso", [point]] : ["brush", state.thickness / 100, [point]];
  }

  function extend(point) {
    const { shape, picture } = going;
    const points = shape[shape.length - 1];
    if (shape[0] === "rectangle") going.shape = ["rectangle", ...began, ...point];
    else if (apart(points[points.length - 1], point, sizes[picture]) >= CLOSE) points.push(point);
  }

  // Whether a shape is large enough to become a region. A click makes a dot with the brush, and nothing with the others.
  function counts({ shape, picture }) {
    const [kind, ...rest] = shape;
    if (kind === "brush") return true;
    if (kind === "lasso") return rest[0].length > 2 && rest[0].some((point) => apart(point, rest[0][0], sizes[picture]) > 0.02);
    const [left, top, right, bottom] = rest;
    return [[right, top], [left, bottom]].every((corner) => apart(corner, [left, top], sizes[picture]) > 0.01);
  }

  const shapesOn = (picture) => drawn.filter((one) => one.picture === picture).map(({ shape }) => shape);

  function settle(next) {
    drawn = next;
    going = null;
    changed();
    onDraw(sizes.map((_, picture) => shapesOn(picture)));
  }

  stages.addEventListener("pointerdown", (event) => {
    const pad = event.target.closest(".pad");
    if (!pad || event.button || !event.isPrimary) return;
    pad.setPointerCapture(event.pointerId);
    going = { picture: pads().indexOf(pad) };
    going.shape = begin(place(event));
    changed();
  });
  stages.addEventListener("pointermove", (event) => {
    if (!going || !event.isPrimary) return;
    const all = event.getCoalescedEvents?.() || [];
    for (const one of all.length ? all : [event]) extend(place(one));
    changed();
  });
  stages.addEventListener("pointerup", (event) => {
    if (!going || !event.isPrimary) return;
    extend(place(event));
    const made = going;
    going = null;
    if (counts(made)) settle([...drawn, made]);
    else changed();
  });
  const drop = () => {
    if (!going) return false;
    going = null;
    changed();
    return true;
  };
  stages.addEventListener("pointercancel", drop);
  document.addEventListener("keydown", (event) => {
    if (!state.drawing || (event.target.matches?.("input:not([type=range]), textarea") ?? false)) return;
    if (event.key === "Escape" && drop()) event.preventDefault();
    if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && drawn.length && !going) {
      settle(drawn.slice(0, -1));
      event.preventDefault();
    }
  });
  find(".undo").addEventListener("click", () => settle(drawn.slice(0, -1)));
  find(".clear").addEventListener("click", () => settle([]));
  find(".finish").addEventListener("click", () => {
    state.drawing = false;
    changed();
  });
  find(".thickness").addEventListener("input", (event) => {
    state.thickness = Number(event.target.value);
  });

  function trace(shape, index, [width, height]) {
    const [kind] = shape;
    const made = document.createElementNS(SVG, { rectangle: "rect", lasso: "polygon", brush: "polyline" }[kind]);
    const set = (values) => Object.entries(values).forEach(([name, value]) => made.setAttribute(name, value));
    const line = (points) => points.map(([x, y]) => `${x * width},${y * height}`).join(" ");
    if (kind === "rectangle") {
      const [, x, y, right, bottom] = shape;
      set({ x: Math.min(x, right) * width, y: Math.min(y, bottom) * height });
      set({ width: Math.abs(right - x) * width, height: Math.abs(bottom - y) * height });
    } else {
      const points = shape[shape.length - 1];
      set({ points: line(points.length > 1 ? points : [points[0], points[0]]) });
    }
    if (kind === "brush") set({ "stroke-width": shape[1] * Math.max(width, height) });
    made.setAttribute("class", kind);
    made.style.setProperty("--colour", paletteColour(index));
    return made;
  }

  return {
    // Take the drawing of a message. One with another number belongs to other pictures, or the page was reloaded: start from it.
    take(shown) {
      const { drawing, pictures } = shown;
      if (pictures.length) sizes = pictures.map(({ width, height }) => [width, height]);
      if (!drawing) state.drawing = false;
      else if (drawing.number !== number) {
        drawn = Array.from(drawing.shapes).flatMap((own, picture) => Array.from(own, (shape) => ({ picture, shape })));
        state.drawing = true;
      } else if (!state.drawn) state.drawing = true; // the preview is on show again
      state.drawn = Boolean(drawing);
      number = drawing ? drawing.number : number;
    },
    again() {
      state.drawing = true;
      changed();
    },
    draw() {
      const all = pads();
      all.forEach((pad, picture) => pad.toggleAttribute("hidden", !state.drawing || picture >= sizes.length));
      find(".pens").toggleAttribute("hidden", !state.drawing);
      find(".size").toggleAttribute("hidden", state.pen !== "brush");
      if (!state.drawing) return;
      for (const name of [".undo", ".clear", ".finish"]) find(name).disabled = !drawn.length;
      sizes.forEach((size, picture) => {
        const own = [...shapesOn(picture), ...(going?.picture === picture ? [going.shape] : [])];
        all[picture].setAttribute("viewBox", `0 0 ${size.join(" ")}`);
        all[picture].replaceChildren(...own.map((shape, index) => trace(shape, index, size)));
      });
    },
  };
}
