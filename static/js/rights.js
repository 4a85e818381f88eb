/** Why a command is off: printed from what the server said about the call and about this person. */

import { since, timeOfDay } from "./clock.js";
import { lineSince } from "./lines.js";
import { agentText, callTitle, ownStay, personName, providerName } from "./screen.js";
import { reason, say } from "./words.js";

/** @typedef {import("./types.js").Conference} Conference */
/** @typedef {import("./types.js").Participant} Participant */

/** The right that a command needs, where it has another name. */
const RIGHTS = /** @type {Record<string, string>} */ ({ unmute: "mute", resume: "hold",
  "recording/start": "record", "recording/pause": "record", "recording/resume": "record", "recording/stop": "record" });
const NEED_NO_RIGHT = new Set(["refresh", "leave"]);
/** Forbids nothing: it asks whom. */
const CHOOSE = "choose_agent";

let lostSince = 0;

/** @param {number} at milliseconds; 0 when the page is live */
export function setLost(at) {
  lostSince = at;
}

/** @param {Conference} conference @param {string} verb @param {Participant} [person] @returns {string} "" = on */
export function blockedReason(conference, verb, person) {
  if (verb === "leave" || (verb === "listen" && ownStay(conference))) return "";
  if (lostSince) return reason("not_live", { since: timeOfDay(lostSince) });
  const right = RIGHTS[verb] ?? verb;
  if (!NEED_NO_RIGHT.has(verb) && !mayDo(right)) return notAllowed(right);
  const code = (person ?? conference).blocked[verb];
  return code && code !== CHOOSE ? reason(code, facts(code, conference, verb, person)) : "";
}

/** @param {string} right @returns {boolean} */
function mayDo(right) {
  return (document.body.dataset.verbs ?? "").split(" ").includes(right);
}

/** @param {string} right @returns {string} */
function notAllowed(right) {
  if (document.body.dataset.auditor === "yes") return reason("auditor");
  return reason("not_allowed", { verb: say(`may.${right}`), right: say(`right.${right}`) });
}

/**
 * What the places of the catalogue's sentences are filled with.
 * @param {string} code
 * @param {Conference} conference
 * @param {string} verb
 * @param {Participant} [person]
 * @returns {Record<string, string>}
 */
function facts(code, conference, verb, person) {
  const down = lineSince(conference.account);
  return {
    agent: agentText(conference),
    account: conference.account,
    call: callTitle(conference),
    provider: providerName(conference.provider),
    person: person ? personName(conference, person) : "",
    ended: timeOfDay(conference.ended_at ?? conference.state_since),
    left: person?.left_at ? timeOfDay(person.left_at) : "",
    since: down ? timeOfDay(down) : "",
    age: since(conference.verified_at),
    act: verb.split("/").pop() ?? "",
    state: code === "already" ? say(`already.${verb}`) : "",
  };
}
