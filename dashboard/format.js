// Numbers, times and states as people read them.

const grouped = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

export const count = (value) => grouped.format(value);

/** A rate: one decimal while it is small. */
export const rate = (value) => (value == null ? "–" : value > 0 && value < 10 ? value.toFixed(1) : grouped.format(value));

export function bytes(value) {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${value.toFixed(unit === 0 || value >= 100 ? 0 : 1)} ${units[unit]}`;
}

/** Two units at most: 3d 2h, 4m 10s. */
export function span(seconds) {
  const whole = Math.floor(seconds);
  const parts = [[86400, "d"], [3600, "h"], [60, "m"], [1, "s"]];
  const from = Math.max(0, parts.findIndex(([size]) => whole >= size));
  if (whole < 60) return seconds < 10 ? `${seconds.toFixed(1)}s` : `${whole}s`;
  const [[big, bigName], [small, smallName]] = parts.slice(from, from + 2);
  return `${Math.floor(whole / big)}${bigName} ${Math.floor((whole % big) / small)}${smallName}`;
}

export const milliseconds = (seconds) => (seconds == null ? "–" : `${(seconds * 1000).toFixed(seconds < 0.01 ? 2 : 0)} ms`);

/** A long socket path by its end: unix:…/shop.sock. */
export const shortAddress = (text) => (text.length > 30 ? `${text.slice(0, text.indexOf(":") + 1)}…/${text.split("/").pop()}` : text);

/** What a state means, in colour and in a sign that needs no colour. */
export function meaning(state) {
  if (state === "ready" || state === "up") return { tone: "good", sign: "✓" };
  if (state === "draining" || state === "suspect" || state === "ejected" || state === "stopping") return { tone: "warn", sign: "!" };
  if (state === "down") return { tone: "bad", sign: "✕" };
  return { tone: "calm", sign: "…" };
}
