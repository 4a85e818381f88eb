/** The people on a call, with what may be done to each. */

import { clone, part, setAttribute, setText } from "./dom.js";
import { commandButton } from "./buttons.js";
import { blockedReason } from "./rights.js";
import { ownStay, personName, personState, present, sourceText } from "./screen.js";
import { say } from "./words.js";

/** @typedef {import("./types.js").Conference} Conference */
/** @typedef {import("./types.js").Participant} Participant */

/** The rest stands beside the name. */
const IN_MENU = ["cue", "announce", "recording/start", "identify", "remove"];

export class People {
  /** @type {Map<string, Person>} */
  #people = new Map();

  /** @param {HTMLElement} list */
  constructor(list) {
    this.list = list;
  }

  /** @param {Conference} conference */
  show(conference) {
    const ids = new Set(conference.participants.map((person) => person.id));
    for (const [id, person] of this.#people) {
      if (ids.has(id)) continue;
      person.node.remove();
      this.#people.delete(id);
    }
    for (const participant of conference.participants) this.#person(participant.id).show(conference, participant);
  }

  /** @param {string} id @returns {Person} */
  #person(id) {
    let person = this.#people.get(id);
    if (!person) {
      person = new Person();
      this.#people.set(id, person);
      this.list.append(person.node);
    }
    return person;
  }

  tick() {
    for (const person of this.#people.values()) person.tick();
  }
}

class Person {
  /** @type {Participant|null} */
  #participant = null;
  /** @type {Conference|null} */
  #conference = null;
  /** @type {Map<string, HTMLButtonElement>} */
  #buttons = new Map();

  constructor() {
    this.node = clone("#person");
    this.commands = part(this.node, ".person-commands");
    this.more = /** @type {HTMLDetailsElement} */ (part(this.node, ".more"));
    this.menu = part(this.node, ".menu");
  }

  /** @param {Conference} conference @param {Participant} participant */
  show(conference, participant) {
    this.#participant = participant;
    this.#conference = conference;
    setAttribute(this.node, "data-id", participant.id);
    this.node.classList.toggle("left", !present(participant));
    const name = personName(conference, participant);
    setText(part(this.node, ".person-name"), name);
    setAttribute(part(this.node, "summary"), "aria-label", say("more_for", { who: name }));
    this.#showCommands(conference, participant);
    this.tick();
  }

  /** @param {Conference} conference @param {Participant} participant */
  #showCommands(conference, participant) {
    const verbs = verbsFor(conference, participant);
    for (const [verb, button] of this.#buttons) if (!verbs.includes(verb)) this.#dropButton(verb, button);
    for (const verb of verbs) {
      const button = this.#button(verb);
      const reason = blockedReason(conference, verb, participant);
      setText(part(button, "span"), label(verb, participant));
      setAttribute(button, "formaction", `/participants/${participant.id}/commands/${verb}/`);
      setAttribute(button, "aria-disabled", reason ? "true" : null);
      setAttribute(button, "title", reason || null);
    }
    this.more.hidden = this.menu.childElementCount === 0;
  }

  /** @param {string} verb @param {HTMLButtonElement} button */
  #dropButton(verb, button) {
    button.remove();
    this.#buttons.delete(verb);
  }

  /** @param {string} verb @returns {HTMLButtonElement} */
  #button(verb) {
    let button = this.#buttons.get(verb);
    if (!button) {
      const inMenu = IN_MENU.includes(verb);
      button = commandButton(verb, inMenu ? "small plain" : "small");
      this.#buttons.set(verb, button);
      if (inMenu) this.menu.insertBefore(button, this.#after(verb));
      else this.more.before(button);
    }
    return button;
  }

  /** Each verb has its place in the menu, in every state. @param {string} verb @returns {HTMLElement|null} */
  #after(verb) {
    const later = IN_MENU.slice(IN_MENU.indexOf(verb) + 1);
    return later.map((one) => this.#buttons.get(one)).find((one) => one?.isConnected) ?? null;
  }

  tick() {
    if (!this.#participant || !this.#conference) return;
    const state = part(this.node, ".person-state");
    setText(state, personState(this.#participant));
    setText(part(this.node, ".person-source"), sourceText(this.#conference, this.#participant));
    const mark = this.#participant.hold ? "hold" : this.#participant.muted ? "muted" : null;
    setAttribute(state, "data-mark", this.#participant.role === "supervisor" ? null : mark);
  }
}

/** @param {Conference} conference @param {Participant} participant @returns {string[]} */
function verbsFor(conference, participant) {
  if (!present(participant) || ownStay(conference)?.participant === participant.id) return [];
  const mute = participant.muted ? "unmute" : "mute";
  if (participant.role === "supervisor") return ["mute", "remove"];
  const cue = participant.role === "agent" ? ["cue"] : [];
  return [mute, participant.hold ? "resume" : "hold", ...cue, "announce", "recording/start", "identify", "remove"];
}

/** @param {string} verb @param {Participant} participant @returns {string} */
function label(verb, participant) {
  return verb === "remove" && participant.role === "customer" ? say("verb.disconnect") : say(`verb.${verb}`);
}
