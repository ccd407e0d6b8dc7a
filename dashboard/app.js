// Listens to the node's snapshots, remembers two minutes of them, shows each one.

import { History } from "./chart.js";
import { byId, showHead, showNodes, showResponses, showTiles, showUpstreams } from "./view.js";

/** Per second, from two readings of a counter. A counter that fell belongs to a node that was started again. */
class Rates {
  #last = new Map();
  now = 0;

  of(name, total) {
    const before = this.#last.get(name);
    if (!before || total < before.total) {
      this.#last.set(name, { total, at: this.now, rate: null });
      return null;
    }
    if (this.now <= before.at) return before.rate;
    const rate = (total - before.total) / (this.now - before.at);
    this.#last.set(name, { total, at: this.now, rate });
    return rate;
  }
}

/** One history per node; a node that left the cluster is forgotten. */
class Histories {
  #all = new Map();

  of(name, value) {
    if (!this.#all.has(name)) this.#all.set(name, new History());
    const history = this.#all.get(name);
    history.add(value);
    return history;
  }

  keep(names) {
    for (const name of this.#all.keys()) if (!names.includes(name)) this.#all.delete(name);
  }
}

const rates = new Rates();
const histories = new Histories();
const whole = new History();

function show(snapshot) {
  rates.now = snapshot.time;
  histories.keep(snapshot.nodes.map((node) => node.name));
  showHead(snapshot);
  showTiles(snapshot, whole);
  showNodes(snapshot.nodes, histories);
  showUpstreams(snapshot.upstreams, rates);
  showResponses(snapshot.status, rates);
}

function say(live, text) {
  if (byId("live-text").textContent === text) return;
  byId("live").dataset.live = live ? "yes" : "no";
  byId("live-text").textContent = text;
  document.body.classList.toggle("stale", !live);
}

/** EventSource tries again by itself while the connection drops, but not after an answer that is no stream. */
function listen() {
  const events = new EventSource("/api/v1/events");
  events.addEventListener("snapshot", (event) => {
    show(JSON.parse(event.data));
    say(true, "live");
  });
  events.addEventListener("error", () => {
    say(false, "no connection to the node, trying again");
    if (events.readyState !== EventSource.CLOSED) return;
    events.close();
    setTimeout(listen, 3000);
  });
}

listen();
