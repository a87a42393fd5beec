// Drawing on the picture: each rectangle, lasso or brush stroke becomes a region. Points are in fractions of the picture.

const CLOSE = 0.004; // share of the longer side: a point nearer than this to the last one is left out
const FINEST = 4; // digits that a fraction keeps

function drawingView(find, state, changed, onDraw) {
  const pad = find(".pad");
  let number = null; // the number of the drawing on the pad
  let size = [1, 1];
  let shapes = [];
  let going = null; // the shape that is being drawn
  let began = null;

  const long = () => Math.max(...size);
  const place = (event) => {
    const box = pad.getBoundingClientRect();
    const share = (value, from, length) => Number(Math.min(1, Math.max(0, (value - from) / length)).toFixed(FINEST));
    return [share(event.clientX, box.left, box.width), share(event.clientY, box.top, box.height)];
  };
  const apart = ([x, y], [left, top]) => Math.hypot((x - left) * size[0], (y - top) * size[1]) / long();

  function begin(point) {
    began = point;
    if (state.pen === "rectangle") return ["rectangle", ...point, ...point];
    return state.pen === "lasso" ? ["lasso", [point]] : ["brush", state.thickness / 100, [point]];
  }

  function extend(shape, point) {
    if (shape[0] === "rectangle") return ["rectangle", ...began, ...point];
    const points = shape[shape.length - 1];
    if (apart(points[points.length - 1], point) >= CLOSE) points.push(point);
    return shape;
  }

  // Whether a shape is large enough to become a region. A click makes a dot with the brush, and nothing with the others.
  function counts(shape) {
    if (shape[0] === "brush") return true;
    if (shape[0] === "lasso") return shape[1].length > 2 && shape[1].some((point) => apart(point, shape[1][0]) > 0.02);
    return Math.abs(shape[3] - shape[1]) * size[0] > 0.01 * long() && Math.abs(shape[4] - shape[2]) * size[1] > 0.01 * long();
  }

  function settle(next) {
    shapes = next;
    going = null;
    changed();
    onDraw(shapes);
  }

  pad.addEventListener("pointerdown", (event) => {
    if (event.button || !event.isPrimary) return;
    pad.setPointerCapture(event.pointerId);
    going = begin(place(event));
    changed();
  });
  pad.addEventListener("pointermove", (event) => {
    if (!going || !event.isPrimary) return;
    const all = event.getCoalescedEvents?.() || [];
    for (const one of all.length ? all : [event]) going = extend(going, place(one));
    changed();
  });
  pad.addEventListener("pointerup", (event) => {
    if (!going || !event.isPrimary) return;
    const made = extend(going, place(event));
    going = null;
    if (counts(made)) settle([...shapes, made]);
    else changed();
  });
  const drop = () => {
    if (!going) return false;
    going = null;
    changed();
    return true;
  };
  pad.addEventListener("pointercancel", drop);
  document.addEventListener("keydown", (event) => {
    if (!state.drawing || (event.target.matches?.("input:not([type=range]), textarea") ?? false)) return;
    if (event.key === "Escape" && drop()) event.preventDefault();
    if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey) && shapes.length && !going) {
      settle(shapes.slice(0, -1));
      event.preventDefault();
    }
  });
  find(".undo").addEventListener("click", () => settle(shapes.slice(0, -1)));
  find(".clear").addEventListener("click", () => settle([]));
  find(".finish").addEventListener("click", () => {
    state.drawing = false;
    changed();
  });
  find(".thickness").addEventListener("input", (event) => {
    state.thickness = Number(event.target.value);
  });

  function trace(shape, index) {
    const [width, height] = size;
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
    if (kind === "brush") set({ "stroke-width": shape[1] * long() });
    made.setAttribute("class", kind);
    made.style.setProperty("--colour", paletteColour(index));
    return made;
  }

  return {
    // Take the drawing of a message. One with another number belongs to another picture, or the page was reloaded: start from it.
    take(shown) {
      const { drawing, picture } = shown;
      if (picture) size = [picture.width, picture.height];
      if (!drawing) state.drawing = false;
      else if (drawing.number !== number) {
        shapes = Array.from(drawing.shapes);
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
      pad.toggleAttribute("hidden", !state.drawing);
      find(".pens").toggleAttribute("hidden", !state.drawing);
      find(".size").toggleAttribute("hidden", state.pen !== "brush");
      if (!state.drawing) return;
      for (const name of [".undo", ".clear", ".finish"]) find(name).disabled = !shapes.length;
      pad.setAttribute("viewBox", `0 0 ${size[0]} ${size[1]}`);
      pad.replaceChildren(...[...shapes, ...(going ? [going] : [])].map(trace));
    },
  };
}
