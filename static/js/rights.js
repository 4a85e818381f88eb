/** Why a command is off: printed from what the server said about the call and about this person. */

import { timeOfDay } from "./clock.js";
import { agentText, customerText, ownStay, providerName } from "./screen.js";
import { reason, say } from "./words.js";

/** @typedef {import("./types.js").Conference} Conference */
/** @typedef {import("./types.js").Participant} Participant */

/** The right that a command needs, where it has another name. */
const RIGHTS = /** @type {Record<string, string>} */ ({ unmute: "mute", resume: "hold" });
const ALWAYS = new Set(["refresh", "leave"]);

/** @type {{lostSince: number}} 0: live */
const board = { lostSince: 0 };

/** @param {number} since milliseconds; 0 when the page is live */
export function setLost(since) {
  board.lostSince = since;
}

/** @param {Conference} conference @param {string} verb @param {Participant} [person] @returns {string} "" = on */
export function blockedReason(conference, verb, person) {
  const values = { agent: agentText(conference), customer: customerText(conference),
    provider: providerName(conference.provider), verb: say(`verb.${verb}`) };
  if (verb === "leave" || (verb === "listen" && ownStay(conference))) return "";
  if (board.lostSince) return reason("not_live", { since: timeOfDay(board.lostSince) });
  if (!ALWAYS.has(verb) && !mayDo(verb)) return reason(notAllowed(), values);
  const code = (person ?? conference).blocked[verb] ?? conference.blocked[verb];
  return code ? reason(code, values) : "";
}

/** @param {string} verb @returns {boolean} */
function mayDo(verb) {
  return (document.body.dataset.verbs ?? "").split(" ").includes(RIGHTS[verb] ?? verb);
}

/** @returns {string} */
function notAllowed() {
  return document.body.dataset.auditor === "yes" ? "auditor" : "not_allowed";
}
