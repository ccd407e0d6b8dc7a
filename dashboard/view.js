// Turns a snapshot into the page. Every text goes in as text: nothing an upstream or a node says becomes markup.

import { draw, spark } from "./chart.js";
import * as format from "./format.js";

export const byId = (id) => document.getElementById(id);

export function element(name, style, ...content) {
  const made = document.createElement(name);
  if (style) made.className = style;
  made.append(...content);
  return made;
}

function pill(state) {
  const { tone, sign } = format.meaning(state);
  const mark = element("span", "", sign);
  mark.setAttribute("aria-hidden", "true");
  return element("span", `state ${tone}`, mark, state);
}

const cell = (style, ...content) => element("td", style, ...content);

/** `big` with a smaller `rest` behind it. */
function figure(id, big, rest) {
  byId(id).replaceChildren(big, " ", element("small", "", rest));
}

export function showHead(snapshot) {
  const { status } = snapshot;
  document.title = `${status.cluster} · Weir`;
  byId("cluster").textContent = status.cluster;
  byId("seen-from").textContent = `as ${status.node} sees it`;
  byId("upstreams-from").textContent = `as ${status.node} uses them`;
  byId("responses-from").textContent = `of ${status.node} since it started`;
  const listens = status.listeners.map((one) => `${one.protocol} ${one.address}`).join(", ");
  byId("node-facts").textContent = `${status.node}: process ${status.pid}, ${status.shards} shards, ${listens}, Weir ${status.version}`;
}

export function showTiles(snapshot, history) {
  const { status, nodes, upstreams } = snapshot;
  const total = nodes.reduce((sum, node) => sum + (node.requests_per_second ?? 0), 0);
  history.add(total);
  byId("rate").textContent = format.rate(total);
  draw(byId("rate-chart"), history.values, 480, 96);

  const others = nodes.filter((node) => node.state !== "ready");
  figure("ready", nodes.length - others.length, `of ${nodes.length}`);
  byId("ready-note").textContent = others.map((node) => `${node.name} is ${node.state}`).join(", ") || "all of them";

  const servers = upstreams.flatMap((upstream) => upstream.servers);
  const up = servers.filter((server) => server.health !== "down" && !server.ejected);
  figure("servers", up.length, `of ${servers.length}`);
  byId("servers-note").textContent = `in ${upstreams.length} ${upstreams.length === 1 ? "upstream" : "upstreams"}`;

  byId("in-flight").textContent = format.count(status.requests_in_flight);
  byId("connections").textContent = `${format.count(status.connections)} connections`;
}

export function showNodes(nodes, histories) {
  byId("node-rows").replaceChildren(...nodes.map((node) => nodeRow(node, histories.of(node.name, node.requests_per_second))));
}

function nodeRow(node, history) {
  const name = element("th", "", node.name);
  name.scope = "row";
  if (node.self) name.append(element("span", "self", "this node"));
  const chart = spark();
  draw(chart, history.values, 136, 28);
  const heard = node.last_heard_seconds == null ? "never seen" : `last seen ${format.span(node.last_heard_seconds)} ago`;
  const alive = node.requests_per_second != null;
  const config = node.config.version ? `v${node.config.version} ${node.config.digest}` : "–";
  return element("tr", "", name, cell("", pill(node.state)), cell("number", format.rate(node.requests_per_second)),
    cell("", chart), cell("mono", node.address), cell("mono", config), cell("", node.version || "–"),
    cell("number", node.self ? "–" : format.milliseconds(node.rtt_seconds)), cell("number", alive ? format.span(node.uptime_seconds) : heard));
}

export function showUpstreams(upstreams, rates) {
  const cards = upstreams.map((upstream) => upstreamCard(upstream, rates));
  byId("upstreams").replaceChildren(...(cards.length ? cards : [element("p", "tile soft empty", "This configuration has no upstreams.")]));
}

function upstreamCard(upstream, rates) {
  const perSecond = format.rate(rates.of(`upstream ${upstream.name}`, upstream.requests_total));
  const facts = [upstream.app ? "app" : null, upstream.balance, upstream.queue_length ? `${upstream.queue_length} waiting` : null];
  const head = element("div", "card-head", element("h3", "", upstream.name),
    element("span", "soft", facts.filter(Boolean).join(" · ")),
    element("span", "figures", `${perSecond}/s `, element("span", "soft", `${format.count(upstream.requests_total)} in all`)));
  const headings = [["Server", ""], ["State", ""], ["In flight", "number"], ["Requests", "number"], ["Failures", "number"]];
  const heading = element("tr", "", ...headings.map(([text, style]) => {
    const made = element("th", style, text);
    made.scope = "col";
    return made;
  }));
  const table = element("table", "", element("thead", "", heading), element("tbody", "", ...upstream.servers.map(serverRow)));
  return element("article", "card", head, element("div", "scroll", table));
}

function serverRow(server) {
  const address = cell("mono", format.shortAddress(server.address));
  address.title = server.address;
  if (server.backup) address.append(element("span", "soft", " backup"));
  const state = pill(server.gone ? "leaving" : server.ejected ? "ejected" : server.warming && server.health === "up" ? "warming" : server.health);
  if (server.reason) state.title = server.reason;
  return element("tr", "", address, cell("", state), cell("number", format.count(server.in_flight)),
    cell("number", format.count(server.requests_total)), cell("number", format.count(server.failures_total)));
}

const CLASSES = [["2xx", "c2", "Success"], ["3xx", "c3", "Redirect"], ["4xx", "c4", "Client error"], ["5xx", "c5", "Server error"], ["none", "c0", "Client gone"]];

export function showResponses(status, rates) {
  const totals = status.responses_total;
  const sum = CLASSES.reduce((all, [key]) => all + totals[key], 0);
  byId("response-bar").replaceChildren(...CLASSES.filter(([key]) => totals[key] > 0).map(([key, style]) => {
    const part = element("span", style);
    part.style.flexGrow = totals[key] / sum;
    return part;
  }));
  const entries = CLASSES.flatMap(([key, style, name]) => {
    const perSecond = format.rate(rates.of(`class ${key}`, totals[key]));
    return [element("div", "", element("dt", style, key === "none" ? name : `${key} ${name}`),
      element("dd", "", format.count(totals[key]), " ", element("small", "", `${perSecond}/s`)))];
  });
  const bytes = element("div", "", element("dt", "", "Bytes in and out"),
    element("dd", "", `${format.bytes(status.bytes_in_total)} · ${format.bytes(status.bytes_out_total)}`));
  byId("responses").replaceChildren(...entries, bytes);
}
