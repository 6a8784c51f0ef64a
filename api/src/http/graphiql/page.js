"use strict";
// One tab an operation. Tokens stay in this page's memory: they are written neither to its address nor to storage.
const $ = (id) => document.getElementById(id);
const make = (tag, text, on) => {
  const element = document.createElement(tag);
  if (text !== undefined) element.textContent = text;
  if (on) element.addEventListener("click", on);
  return element;
};
const endpoint = new URL("graphql", location.href);
const socketAddress = () => Object.assign(new URL("graphql/ws", location.href), { protocol: location.protocol.replace("http", "ws") }).href;

const tabs = JSON.parse($("data").textContent).map((example) => ({
  title: example.title,
  ready: true,
  query: example.query,
  variables: example.variables && Object.keys(example.variables).length ? JSON.stringify(example.variables, null, 2) : "",
  token: example.token || "",
  result: "",
  state: "",
  stop: null,
}));
let current = null;

// Tabs

const blank = () => ({ title: "New", query: "{\n  __typename\n}\n", variables: "", token: current ? current.token : "", result: "", state: "", stop: null });

function open(tab) {
  current = tab;
  for (const field of ["token", "query", "variables"]) $(field).value = tab[field];
  drawTabs();
  draw(tab);
}

function drawTabs() {
  $("tabs").replaceChildren(
    ...tabs.map((tab) => {
      const button = make("button", (tab.stop ? "● " : "") + tab.title, () => open(tab));
      button.setAttribute("role", "tab");
      button.setAttribute("aria-selected", String(tab === current));
      return button;
    }),
  );
}

/** JSON as text with its keys, strings and other values told apart; a long answer stays plain. */
function coloured(text) {
  if (text.length > 200000) return [text];
  const pieces = [];
  let end = 0;
  for (const found of text.matchAll(/("(?:\\.|[^"\\])*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g)) {
    const piece = make("span", found[1] || found[0]);
    piece.className = found[2] ? "key" : found[1] ? "text" : "value";
    pieces.push(text.slice(end, found.index), piece);
    end = found.index + piece.textContent.length;
  }
  return [...pieces, text.slice(end)];
}

function draw(tab) {
  if (tab !== current) return;
  $("result").replaceChildren(...coloured(tab.result));
  $("state").textContent = tab.state;
  $("run").hidden = Boolean(tab.stop);
  $("stop").hidden = !tab.stop;
}

function show(tab, value, state) {
  if (value !== undefined) tab.result = typeof value === "string" ? value : JSON.stringify(value, null, 2);
  tab.state = state;
  draw(tab);
  if (tab === current && value !== undefined) {
    $("result").classList.add("fresh");
    setTimeout(() => $("result").classList.remove("fresh"), 250);
  }
}

// Operations

// Comments and strings blanked out, so that what is left can be read by simple patterns at the same places.
const bare = (text) => text.replace(/"""[^]*?(?<!\\)"""|"(?:\\.|[^"\\\n])*"|#[^\n]*/g, (found) => found.replace(/[^\n]/g, " "));

/** The operations of a text in order: kind, name, and where each begins. */
function operations(text) {
  const found = [];
  let depth = 0;
  for (const token of bare(text).matchAll(/[{}()]|\b(query|mutation|subscription|fragment)\b\s*(\w+)?/g)) {
    if (token[0] === "{" || token[0] === "(") {
      if (depth++ === 0 && token[0] === "{" && !found.some((one) => one.open)) found.push({ kind: "query", at: token.index, open: true });
    } else if (token[0] === "}" || token[0] === ")") {
      if (--depth === 0 && token[0] === "}") found.forEach((one) => (one.open = false));
    } else if (depth === 0) {
      found.push({ kind: token[1], name: token[2], at: token.index, open: true });
    }
  }
  return found.filter((one) => one.kind !== "fragment");
}

function chosen(text, cursor) {
  const all = operations(text);
  return all.filter((one) => one.at <= cursor).pop() || all[0] || { kind: "query" };
}

function request(tab) {
  const operation = chosen(tab.query, tab === current ? $("query").selectionStart : 0);
  const variables = tab.variables.trim() ? JSON.parse(tab.variables) : undefined;
  return { kind: operation.kind, body: { query: tab.query, operationName: operation.name, variables } };
}

const bearer = (token) => (token.trim() ? "Bearer " + token.trim().replace(/^bearer\s+/i, "") : undefined);

const costOf = (answer) => {
  const cost = answer && answer.extensions && answer.extensions.cost;
  return cost ? `, cost ${cost.requested}, ${cost.remaining} of ${cost.limit} left` : "";
};

async function post(token, body) {
  const headers = { "content-type": "application/json", accept: "application/graphql-response+json, application/json;q=0.9" };
  if (bearer(token)) headers.authorization = bearer(token);
  return fetch(endpoint, { method: "POST", headers, body: JSON.stringify(body), credentials: "omit" });
}

async function run(tab) {
  if (tab.stop) return;
  let asked;
  try {
    asked = request(tab);
  } catch (error) {
    return show(tab, String(error), "The variables are not JSON");
  }
  if (!tab.ready) tab.title = asked.body.operationName || asked.kind;
  drawTabs();
  if (asked.kind === "subscription") return subscribe(tab, asked.body);
  const begin = performance.now();
  show(tab, undefined, "Running …");
  try {
    const response = await post(tab.token, asked.body);
    const answer = await response.json();
    show(tab, answer, `${response.status}, ${Math.round(performance.now() - begin)} ms${costOf(answer)}`);
  } catch (error) {
    show(tab, String(error), "The server did not answer");
  }
}

/** Shows the newest state; reconnects by itself until it is stopped or refused. */
function subscribe(tab, body) {
  let events = 0;
  let attempt = 0;
  let socket;
  let timer;
  let over = false;
  let admitted = false;
  const end = (state) => {
    over = true;
    clearTimeout(timer);
    tab.stop = null;
    socket.close(1000);
    show(tab, undefined, state);
    drawTabs();
  };
  const connect = () => {
    socket = new WebSocket(socketAddress(), "graphql-transport-ws");
    const send = (message) => socket.send(JSON.stringify(message));
    socket.onopen = () => send({ type: "connection_init", payload: bearer(tab.token) ? { authorization: bearer(tab.token) } : {} });
    socket.onmessage = ({ data }) => {
      const message = JSON.parse(data);
      if (over) return;
      if (message.type === "connection_ack") {
        attempt = 0;
        admitted = true;
        send({ id: "1", type: "subscribe", payload: body });
        show(tab, undefined, "Listening …");
      } else if (message.type === "ping") send({ type: "pong" });
      else if (message.type === "next") show(tab, message.payload, `Live, ${++events} so far, last at ${new Date().toLocaleTimeString()}`);
      else if (message.type === "error") {
        show(tab, { errors: message.payload }, "");
        end("Refused");
      } else if (message.type === "complete") end(`Complete after ${events}`);
    };
    socket.onclose = ({ code, reason }) => {
      if (over) return;
      const final = code >= 4400 && code !== 4408 && !(code === 4403 && admitted);
      admitted = false;
      if (final || ++attempt > 8) return end(`Closed: ${code} ${reason}`);
      show(tab, undefined, `Closed (${code} ${reason}), connecting again …`);
      timer = setTimeout(connect, Math.min(10000, 250 * 2 ** attempt) * (0.5 + Math.random()));
    };
  };
  tab.stop = () => end(`Stopped after ${events}`);
  show(tab, "", "Connecting …");
  drawTabs();
  connect();
}

// The schema, for reading and for completion

const types = new Map();
const TYPE = "kind name ofType { kind name ofType { kind name ofType { kind name } } }";
const INTROSPECTION = `{ __schema { queryType { name } mutationType { name } subscriptionType { name } types {
  kind name description fields(includeDeprecated: true) { name description isDeprecated deprecationReason
    args { name description type { ${TYPE} } } type { ${TYPE} } }
  inputFields { name description type { ${TYPE} } } enumValues(includeDeprecated: true) { name description } possibleTypes { name } } } }`;
let roots = {};

const written = (type) => (type.kind === "NON_NULL" ? written(type.ofType) + "!" : type.kind === "LIST" ? `[${written(type.ofType)}]` : type.name);
const named = (type) => (type.ofType ? named(type.ofType) : type.name);

async function load() {
  try {
    const schema = (await (await post("", { query: INTROSPECTION })).json()).data.__schema;
    schema.types.forEach((type) => types.set(type.name, type));
    for (const kind of ["query", "mutation", "subscription"]) roots[kind] = (schema[kind + "Type"] || {}).name;
    overview();
  } catch {
    $("shown").textContent = "The server does not show its schema.";
  }
}

/** A description: its paragraphs stay, its lines flow, names in backticks stand out. */
function prose(tag, text) {
  const element = make(tag);
  const flowing = (text || "").replace(/(?<!\n)\n(?!\n)/g, " ");
  element.append(...flowing.split("`").map((part, n) => (n % 2 ? make("code", part) : part)));
  return element;
}

const link = (type) => make("a", written(type), () => describe(named(type)));

function overview() {
  const wanted = $("find").value.trim().toLowerCase();
  const list = make("dl");
  for (const type of types.values()) {
    if (type.name.startsWith("__")) continue;
    const fields = (type.fields || type.inputFields || []).filter((field) => wanted && field.name.toLowerCase().includes(wanted));
    if (wanted ? !type.name.toLowerCase().includes(wanted) && !fields.length : !Object.values(roots).includes(type.name)) continue;
    const term = make("dt");
    term.append(make("a", type.name, () => describe(type.name)), fields.length ? ": " + fields.map((field) => field.name).join(", ") : "");
    list.append(term, prose("dd", type.description));
  }
  $("shown").replaceChildren(list);
}

function describe(name) {
  const type = types.get(name);
  const list = make("dl");
  for (const field of type.fields || type.inputFields || []) {
    const term = make("dt", field.name);
    (field.args || []).forEach((arg, n) => term.append(n ? ", " : "(", arg.name + ": ", link(arg.type)));
    term.append(field.args && field.args.length ? "): " : ": ", link(field.type));
    list.append(term, prose("dd", (field.description || "") + (field.isDeprecated ? "\n\nDeprecated: " + field.deprecationReason : "")));
  }
  for (const value of type.enumValues || []) list.append(make("dt", value.name), prose("dd", value.description));
  for (const one of type.possibleTypes || []) {
    const term = make("dt");
    term.append(make("a", one.name, () => describe(one.name)));
    list.append(term);
  }
  $("shown").replaceChildren(make("a", "← all", overview), make("h3", type.name), prose("p", type.description), list);
}

/** What may stand at the cursor: fields in a selection, arguments in parentheses. */
function complete(text, cursor) {
  const before = bare(text.slice(0, cursor));
  const word = before.match(/\w*$/)[0];
  const stack = [];
  let field = null;
  let type = null;
  let root = roots.query;
  for (const [token] of before.slice(0, before.length - word.length).matchAll(/\.\.\.\s*on\s+\w+|fragment\s+\w+\s+on\s+\w+|\w+|[{}()]/g)) {
    const on = token.match(/on\s+(\w+)$/);
    if (on && token.length > on[1].length + 2) type = types.get(on[1]);
    else if (token === "{" || token === "(") {
      stack.push({ token, type, field });
      if (token === "{" && stack.length === 1 && !type) type = types.get(root);
      else if (token === "{" && field) type = types.get(named(field.type));
      if (token === "{") field = null;
    } else if (token === "}" || token === ")") {
      const opened = stack.pop() || {};
      type = opened.type;
      field = token === ")" ? opened.field : null;
    } else if (!stack.length) {
      type = null;
      root = roots[token] || root;
    } else if (stack.at(-1).token === "{" && type) {
      field = ((type && type.fields) || []).find((one) => one.name === token) || field;
    }
  }
  const inside = stack.at(-1);
  const choices = !inside ? [] : inside.token === "(" ? (inside.field && inside.field.args) || [] : (type && type.fields) || [];
  return { word, list: choices.filter((one) => one.name.toLowerCase().startsWith(word.toLowerCase())).map((one) => [one.name, written(one.type)]) };
}

let hints = { word: "", list: [] };
let marked = 0;

function drawHints() {
  $("hints").hidden = !hints.list.length;
  $("hints").replaceChildren(
    ...hints.list.map(([name, type], n) => {
      const item = make("li", `${name}: ${type}`, () => take(n));
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(n === marked));
      return item;
    }),
  );
  const item = $("hints").children[marked];
  if (item && item.scrollIntoView) item.scrollIntoView({ block: "nearest" });
}

function hint() {
  hints = complete($("query").value, $("query").selectionStart);
  marked = 0;
  drawHints();
}

function take(n) {
  const editor = $("query");
  editor.setRangeText(hints.list[n][0], editor.selectionStart - hints.word.length, editor.selectionStart, "end");
  current.query = editor.value;
  hints.list = [];
  drawHints();
  editor.focus();
}

$("query").addEventListener("keydown", (event) => {
  if (event.ctrlKey && event.code === "Space") hint();
  else if (!hints.list.length) return;
  else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    marked = (marked + (event.key === "ArrowDown" ? 1 : -1) + hints.list.length) % hints.list.length;
    drawHints();
  } else if ((event.key === "Enter" || event.key === "Tab") && !event.ctrlKey) take(marked);
  else if (event.key === "Escape") {
    hints.list = [];
    drawHints();
  } else return;
  event.preventDefault();
});
$("query").addEventListener("input", () => $("hints").hidden || hint());
for (const field of ["token", "query", "variables"]) $(field).addEventListener("input", () => (current[field] = $(field).value));
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") run(current);
});
$("run").addEventListener("click", () => run(current));
$("stop").addEventListener("click", () => current.stop && current.stop());
$("find").addEventListener("input", overview);
$("docs").addEventListener("click", () => {
  $("schema").hidden = !$("schema").hidden;
  $("docs").setAttribute("aria-expanded", String(!$("schema").hidden));
});
$("add").addEventListener("click", () => {
  tabs.push(blank());
  open(tabs.at(-1));
});
if (!tabs.length) tabs.push(blank());
open(tabs[0]);
load();
