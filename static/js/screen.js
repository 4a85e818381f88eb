/** What a conference's facts are called on the screen. The same rules as `console/display.py`. */

import { ageText, since } from "./clock.js";
import { setAttribute, setText } from "./dom.js";
import { has, say } from "./words.js";

/** @typedef {import("./types.js").Conference} Conference */
/** @typedef {import("./types.js").Participant} Participant */
/** @typedef {import("./types.js").Supervision} Supervision */

/** @returns {string} the id of the person at this screen */
export function me() {
  return document.body.dataset.user ?? "";
}

/** @param {Participant} person @returns {boolean} */
export function present(person) {
  return person.left_at === null && person.status !== "complete" && person.status !== "failed";
}

/** @param {Conference} conference @param {string} role @returns {Participant[]} */
function withRole(conference, role) {
  const all = conference.participants.filter((person) => person.role === role);
  const here = all.filter(present);
  return here.length ? here : all;
}

/** @param {Conference} conference @returns {Participant[]} agents who can be whispered to */
export function agents(conference) {
  return withRole(conference, "agent");
}

/** @param {Conference} conference @returns {string} */
export function agentText(conference) {
  return agents(conference).map(named).join(", ") || say("no_agent");
}

/** @param {Conference} conference @returns {string} */
export function customerText(conference) {
  return withRole(conference, "customer").map(named).join(", ") || say("no_customer");
}

/** A customer and any other phone is a number, agents and supervisors have a name. */
/** @param {Participant} person @returns {string} */
function named(person) {
  const numbered = person.role === "customer" || person.role === "other";
  const told = numbered ? person.address || person.name : person.name || person.address;
  return told || say(`role.${person.role ?? "unknown"}`);
}

/** @param {Conference} conference @param {Participant} person @returns {string} */
export function personName(conference, person) {
  const stay = conference.supervisions.find((one) => one.participant === person.id);
  if (stay) return isMine(stay) ? say("you") : stay.user.name;
  return named(person);
}

/** @param {Conference} conference @param {Participant} person @returns {string} the head of a matrix column */
export function shortName(conference, person) {
  if (person.role === "customer") return say("role.customer");
  return personName(conference, person).split(" ")[0];
}

/** @param {Conference} conference @returns {string} "Ann's call" is named by its agent, else its customer */
export function callTitle(conference) {
  return agents(conference).length ? agentText(conference) : customerText(conference);
}

/**
 * @param {Conference} conference
 * @returns {string|null} when it began for those who are on it; the provider's own start may come after the first
 */
export function callSince(conference) {
  const times = [conference.started_at, ...conference.participants.map((person) => person.joined_at)]
    .flatMap((at) => at ?? []);
  return times.sort((one, other) => Date.parse(one) - Date.parse(other))[0] ?? null;
}

/** @param {Participant} person @returns {string} */
export function personState(person) {
  const role = say(`role.${person.role ?? "unknown"}`);
  const status = person.hold && person.status === "connected" ? "held" : person.status;
  const from = status === "held" ? person.hold_since : status === "connected" ? person.joined_at : null;
  const words = [role, `${say(`status.${status}`)} ${since(from)}`.trim()];
  if (person.muted && person.role !== "supervisor") words.push(say("muted"));
  if (/^(machine|fax)/.test(person.answered_by ?? "")) words.push(say("answered_by_machine"));
  return words.join(" · ");
}

/** @param {Supervision} stay @returns {boolean} */
export function isMine(stay) {
  return String(stay.user.id) === me();
}

/** @param {Conference} conference @returns {Supervision|undefined} */
export function ownStay(conference) {
  return conference.supervisions.find(isMine);
}

/** @param {Conference} conference @returns {string} */
export function alsoHere(conference) {
  const said = conference.supervisions.map((stay) => stayText(conference, stay));
  if (conference.state === "talking") {
    const muted = agents(conference).filter((agent) => agent.muted && present(agent));
    said.push(...muted.map((agent) => say("also.muted", { who: named(agent) })));
  }
  return said.join(" · ");
}

/** The words beside the red dot; nothing where nothing is being recorded. */
/** @param {Element} node @param {Conference} conference */
export function showRecording(node, conference) {
  const key = `recording.mark.${conference.recording}`;
  setText(node, conference.state !== "ended" && has(key) ? say(key) : "");
  setAttribute(node, "data-paused", conference.recording === "paused" ? "true" : null);
}

/** @param {Conference} conference @param {Supervision} stay @returns {string} */
function stayText(conference, stay) {
  const doing = stay.confirmed ?? "joining";
  if (isMine(stay)) return say(`also.me.${doing}`);
  const target = conference.participants.find((person) => person.id === stay.target);
  return say(`also.${doing}`, { who: stay.user.name, agent: target ? named(target) : say("role.agent") });
}

/** @param {Conference} conference @returns {string} why its facts are in doubt, or "" */
export function doubt(conference) {
  if (!conference.stale) return "";
  const why = `doubt.${conference.stale_reason}`;
  return say(has(why) ? why : "doubt.other", { provider: providerName(conference.provider) });
}

/** @param {Conference} conference @returns {string} since when and why what is shown should not be trusted */
export function warning(conference) {
  if (!conference.stale) return "";
  const why = doubt(conference);
  const checked = conference.verified_at;
  return checked ? say("stale", { age: ageText(checked), why }) : say("stale_never", { why });
}

/**
 * @param {Conference} conference
 * @param {Participant} person
 * @returns {string} where the newest fact about a person comes from, and how old it is
 */
export function sourceText(conference, person) {
  if (conference.state === "ended" || !present(person)) return "";
  const told = { provider: providerName(conference.provider), age: ageText(person.as_of) };
  return say(`source.${person.source}`, told);
}

/** @param {string} provider @returns {string} as the server calls it; a newer one than this page by its own name */
export function providerName(provider) {
  return has(`provider.${provider}`) ? say(`provider.${provider}`) : provider;
}

/** Prints the two letters that stand for the provider. @param {Element} node @param {string} provider */
export function showProvider(node, provider) {
  const name = providerName(provider);
  const [short, whole] = node.children;
  setText(short, has(`mark.${provider}`) ? say(`mark.${provider}`) : provider.slice(0, 2).toUpperCase());
  setText(whole, name);
  setAttribute(node, "title", name);
}

/** @param {Conference} conference @returns {string} all that a search looks at */
export function searchText(conference) {
  return [agentText(conference), customerText(conference), conference.friendly_name, conference.team?.name,
    alsoHere(conference)].join(" ").toLowerCase();
}
