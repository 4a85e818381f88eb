/** How the lines to the provider accounts are, as the newest heartbeat says it: marks in the header, ages in rows. */

import { ageText, minuteOfDay } from "./clock.js";
import { byId, clone, part, setAttribute, setText } from "./dom.js";
import { say } from "./words.js";

/** @typedef {import("./types.js").AccountState} AccountState */
/** @typedef {import("./types.js").Conference} Conference */

/** @type {Record<string, AccountState>} */
let lines = {};

/** @param {Record<string, AccountState>} told by account key */
export function setLines(told) {
  lines = told;
  showTroubles();
}

/** @param {string} account @returns {string|null} since when it is as it is */
export function lineSince(account) {
  return lines[account]?.since ?? null;
}

/** Where they or the account are in doubt; else the facts are as new as they can be. */
/** @param {Conference} conference @returns {string} how old the facts are, or "" */
export function checkedText(conference) {
  const state = lines[conference.account]?.state ?? "ok";
  if (state === "ok" && !conference.stale) return "";
  if (!conference.verified_at) return say("never_checked");
  return say(conference.stale ? "not_checked" : "checked", { age: ageText(conference.verified_at) });
}

/** @param {Conference} conference @returns {string} the same for the screen of a phone, in the width of a state */
export function agedText(conference) {
  if (!checkedText(conference)) return "";
  return conference.verified_at ? say("aged", { age: ageText(conference.verified_at) }) : say("never_checked");
}

/** One mark for each account in trouble; for what is said of several, one. */
function showTroubles() {
  const box = byId("troubles");
  /** @type {Map<string, [string, AccountState]>} */
  const troubles = new Map();
  for (const [account, line] of Object.entries(lines)) {
    if (line.text && !troubles.has(line.text)) troubles.set(line.text, [account, line]);
  }
  const accounts = new Set([...troubles.values()].map(([account]) => account));
  for (const node of /** @type {NodeListOf<HTMLElement>} */ (box.querySelectorAll(".trouble"))) {
    if (!accounts.has(node.dataset.account ?? "")) node.remove();
  }
  for (const [account, line] of troubles.values()) showTrouble(box, account, line);
}

/** @param {HTMLElement} box @param {string} account @param {AccountState} line */
function showTrouble(box, account, line) {
  const here = /** @type {NodeListOf<HTMLElement>} */ (box.querySelectorAll(".trouble"));
  let node = [...here].find((each) => each.dataset.account === account);
  if (!node) {
    node = clone("#trouble");
    box.append(node);
  }
  // The first sentence is the mark; the rest is its tip.
  const [, mark, more] = /^(.*?)\.(?: (.*))?$/.exec(line.text ?? "") ?? ["", line.text ?? "", ""];
  const down = line.state === "unreachable" && line.since;
  setAttribute(node, "data-account", account);
  setAttribute(node, "data-state", line.state);
  setAttribute(node, "title", more || null);
  setText(part(node, ".trouble-text"), down ? say("down_since", { text: mark, since: minuteOfDay(down) }) : mark);
}
