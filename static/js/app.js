/** Wires a page: the socket feeds the store and the strip; keys and buttons become commands. */

import { Acts } from "./acts.js";
import { Board } from "./board.js";
import { clockText, everySecond, timeOfDay } from "./clock.js";
import { byId, setAttribute, setText } from "./dom.js";
import { Keys } from "./keys.js";
import { setLines } from "./lines.js";
import { showKeys, toast } from "./notices.js";
import { CallPage } from "./page.js";
import { setLost } from "./rights.js";
import { ownStay } from "./screen.js";
import { enhance } from "./sheets.js";
import { BoardSocket } from "./socket.js";
import { Store } from "./store.js";
import { Strip } from "./strip.js";
import { loadReasons, say } from "./words.js";

const ACTION = /^\/(conferences|participants|dials|recordings)\/([^/]+)\/commands\/(.+)\/$/;

const store = new Store();
const timing = { hold_key_s: 0.7 };
const kind = document.body.dataset.page;
const board = kind === "board" ? new Board(store) : null;
const article = /** @type {HTMLElement|null} */ (document.querySelector("article.call"));
const page = article && kind === "conference" ? new CallPage(store, article) : null;

const strip = new Strip({
  onPress: (verb) => void acts.press(verb),
  onHold: () => void acts.bargeHeld(),
  holdSeconds: () => timing.hold_key_s,
  confirmedMode: () => {
    const conference = store.get(strip.state?.conference);
    return (conference && ownStay(conference)?.confirmed) ?? null;
  },
  retryIn: () => Math.max(1, Math.ceil((socket.nextAttempt - Date.now()) / 1000)),
});
const sheet = /** @type {HTMLElement|null} */ (document.querySelector("main .sheet"));
if (sheet) enhance(sheet);
const acts = new Acts({ store, strip, focused: () => board?.table.focused ?? page?.opened ?? "" });
const keys = new Keys({
  acts,
  table: board?.table ?? null,
  letters: document.body.dataset.keys === "on",
  holdSeconds: () => timing.hold_key_s,
  fillBarge: (holding) => strip.fillBarge(holding),
  open: () => board?.openFocused(),
  closeLayer,
  refresh,
});
const socket = new BoardSocket({ onFrame: receive, onLive: live, onLost: lost, onSignedOut: signIn,
  onDenied: () => location.reload() });

/** @param {any} frame */
function receive(frame) {
  if (frame.type === "snapshot") {
    Object.assign(timing, frame.timing);
    store.replace(frame.conferences);
  } else if (frame.type === "changes") store.apply(frame.conferences, frame.gone);
  else if (frame.type === "me") strip.set(frame.strip);
  else if (frame.type === "heartbeat") setLines(frame.accounts);
}

function live() {
  setLost(0);
  strip.setLost(0);
  board?.setLive(true);
  showLive("yes", say("live"));
}

/** @param {number} since */
function lost(since) {
  setLost(since);
  strip.setLost(since);
  board?.setLive(false);
  showLive("no", say("not_live", { since: timeOfDay(since) }));
}

/** @param {string} state @param {string} text */
function showLive(state, text) {
  const node = byId("live");
  setAttribute(node, "data-live", state);
  setText(node.firstElementChild ?? node, text);
}

function signIn() {
  location.assign(`/login/?next=${encodeURIComponent(location.pathname)}`);
}

/** @returns {boolean} whether something was open and is now closed */
function closeLayer() {
  const menu = document.querySelector("details.more[open]");
  if (menu) {
    menu.removeAttribute("open");
    menu.querySelector("summary")?.focus();
    return true;
  }
  return board?.closeOverlay() ?? false;
}

/** R: asks the provider now, about the strip's call or the focused one. */
function refresh() {
  const id = acts.ownCall ?? (board?.table.focused || board?.opened || page?.opened);
  if (id) void acts.command("conferences", id, "refresh");
}

/** @param {SubmitEvent} event */
function submitted(event) {
  const button = /** @type {HTMLElement|null} */ (event.submitter);
  const action = ACTION.exec(button?.getAttribute("formaction") ?? "");
  if (!button || !action) return;
  event.preventDefault();
  button.closest("details.more")?.removeAttribute("open");
  const [, of, id, verb] = action;
  const call = button.closest("[data-id].call")?.getAttribute("data-id") ?? id;
  if (of === "dials") return void acts.dial(id, verb);
  if (of === "recordings") return void acts.recording(id, verb);
  void acts.command(of === "participants" ? "participants" : "conferences", id, verb, call);
}

/** A closed tab does not close the phone line. @param {BeforeUnloadEvent} event */
function beforeUnload(event) {
  if (strip.audible && !leavingForOwnPage) event.preventDefault();
}

let leavingForOwnPage = false;
document.addEventListener("click", (event) => {
  const target = /** @type {Element} */ (event.target);
  leavingForOwnPage = target.closest("a[href^='/']") !== null;
  for (const menu of document.querySelectorAll("details.more[open]")) {
    if (!menu.contains(target)) menu.removeAttribute("open");
  }
});
document.addEventListener("submit", submitted);
addEventListener("beforeunload", beforeUnload);
for (const button of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-open=keys]"))) {
  button.hidden = false;
  button.onclick = showKeys;
}
store.subscribe(() => strip.refresh());
everySecond(() => {
  setText(byId("clock"), clockText());
  strip.tick();
  board?.tick();
  page?.tick();
});
keys.start();
loadReasons().catch(() => toast(say("unreachable"), { error: true })).finally(() => socket.start());
