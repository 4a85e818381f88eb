/** Who hears whom: printed from the server's answer, as a table, or as sentences when there are many. */

import { icon, make } from "./dom.js";
import { ownStay, personName, shortName } from "./screen.js";
import { say } from "./words.js";

/** @typedef {import("./types.js").Conference} Conference */
/** @typedef {{people: {id: string, name: string}[], hears: Record<string, Record<string, boolean|null>>}} Hears */
/** @typedef {{id: string, name: string, short: string, mine: boolean}} Listed */

const MOST_IN_A_TABLE = 4;
const LOOKS = /** @type {const} */ ({
  true: ["yes", "ear"], false: ["no", "ear-off"], null: ["unknown", "circle-question-mark"],
});

/** @param {HTMLElement} box @param {Hears} hears @param {Conference} conference */
export function showMatrix(box, hears, conference) {
  const people = hears.people.map((person) => listed(person, conference));
  if (people.length === 0) return box.replaceChildren(make("p", "quiet", say("nobody_here")));
  const content = people.length > MOST_IN_A_TABLE ? sentences(people, hears) : table(people, hears);
  const before = box.firstElementChild;
  if (before && before.isEqualNode(content)) return;
  box.replaceChildren(content);
}

/** @param {{id: string, name: string}} person @param {Conference} conference @returns {Listed} */
function listed({ id, name }, conference) {
  const found = conference.participants.find((one) => one.id === id);
  const mine = ownStay(conference)?.participant === id;
  if (!found) return { id, name, short: name, mine };
  return { id, name: personName(conference, found), short: shortName(conference, found), mine };
}

/** @param {Listed[]} people @param {Hears} hears @returns {HTMLElement} */
function table(people, hears) {
  const node = make("table", "matrix");
  const head = make("tr", "");
  head.append(heading("col", say("speaks")), ...people.map((person) => heading("col", person.short)));
  const lines = people.map((speaker) => {
    const line = make("tr", "");
    line.append(heading("row", speaker.short), ...people.map((listener) => cell(speaker, listener, hears, people)));
    return line;
  });
  const top = make("thead", "");
  top.append(head);
  const body = make("tbody", "");
  body.append(...lines);
  node.append(top, body);
  return node;
}

/** @param {"row"|"col"} scope @param {string} text @returns {HTMLElement} */
function heading(scope, text) {
  const node = make("th", "", text);
  node.setAttribute("scope", scope);
  return node;
}

/** @param {Listed} speaker @param {Listed} listener @param {Hears} hears @param {Listed[]} people */
function cell(speaker, listener, hears, people) {
  const node = make("td", "");
  if (speaker.id === listener.id) return node;
  const heard = hears.hears[speaker.id]?.[listener.id] ?? null;
  const [word, name] = LOOKS[/** @type {"true"|"false"|"null"} */ (String(heard))];
  const inside = make("span", "cell");
  inside.dataset.hears = word;
  if (speaker.mine && heard) inside.dataset.mine = heardByAll(speaker, hears, people) ? "all" : "agent";
  inside.title = sentence(speaker, listener, word);
  inside.append(icon(name), make("span", "sr-only", inside.title));
  node.append(inside);
  return node;
}

/** @param {Listed} speaker @param {Hears} hears @param {Listed[]} people @returns {boolean} */
function heardByAll(speaker, hears, people) {
  return people.every((one) => one.id === speaker.id || hears.hears[speaker.id]?.[one.id]);
}

/** @param {Listed} speaker @param {Listed} listener @param {string} word @returns {string} */
function sentence(speaker, listener, word) {
  if (speaker.mine) return say(`hears.${word}.you_speak`, { listener: listener.name });
  if (listener.mine) return say(`hears.${word}.you_listen`, { speaker: speaker.name });
  return say(`hears.${word}`, { speaker: speaker.name, listener: listener.name });
}

/** @param {Listed[]} people @param {Hears} hears @returns {HTMLElement} who is heard by whom, in words */
function sentences(people, hears) {
  const list = make("ul", "sentences");
  list.append(...people.map((speaker) => {
    const others = people.filter((one) => one.id !== speaker.id);
    const heard = others.filter((one) => hears.hears[speaker.id]?.[one.id]);
    const unsure = others.filter((one) => (hears.hears[speaker.id]?.[one.id] ?? null) === null);
    return make("li", "", heardBy(speaker, names(heard, others), names(unsure, [])));
  }));
  return list;
}

/** @param {Listed[]} people @param {Listed[]} all @returns {string} */
function names(people, all) {
  if (people.length && people.length === all.length) return say("everyone");
  return people.map((person) => person.name).join(", ");
}

/** @param {Listed} speaker @param {string} heard @param {string} unsure @returns {string} */
function heardBy(speaker, heard, unsure) {
  const sure = say(heard ? "heard_by" : "heard_by_nobody", { speaker: speaker.name, listeners: heard });
  return unsure ? `${sure} ${say("heard_perhaps", { listeners: unsure })}` : sure;
}
