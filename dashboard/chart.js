// Small line charts in SVG, and the history they are drawn from.

const SVG = "http://www.w3.org/2000/svg";

/** The last two minutes of a value, one sample per snapshot. */
export class History {
  static samples = 120;
  values = [];

  add(value) {
    this.values.push(value ?? 0);
    if (this.values.length > History.samples) this.values.shift();
  }
}

/** Draws `values`, the newest at the right edge, into an SVG of this viewBox. */
export function draw(svg, values, width, height) {
  const top = Math.max(1, ...values) * 1.15;
  const step = width / (History.samples - 1);
  const start = width - step * (values.length - 1);
  const points = values.map((value, i) => `${(start + i * step).toFixed(1)},${(height - 1 - (value / top) * (height - 3)).toFixed(1)}`);
  if (svg.children.length === 0) {
    svg.append(shape("polygon", "area"), shape("polyline", "line"));
  }
  const [area, line] = svg.children;
  line.setAttribute("points", points.join(" "));
  area.setAttribute("points", `${start.toFixed(1)},${height} ${points.join(" ")} ${width},${height}`);
}

export function spark() {
  const svg = shape("svg", "spark");
  svg.setAttribute("viewBox", "0 0 136 28");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  return svg;
}

function shape(name, style) {
  const made = document.createElementNS(SVG, name);
  made.setAttribute("class", style);
  return made;
}
