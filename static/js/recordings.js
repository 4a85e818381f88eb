/** What is and was recorded of a call: printed from the server's list, with a player where there is a sound. */

import { commandButton } from "./buttons.js";
import { clone, part, setAttribute, setText } from "./dom.js";
import { blockedReason } from "./rights.js";
import { personName } from "./screen.js";
import { span } from "./clock.js";
import { say } from "./words.js";

/** @typedef {import("./types.js").Conference} Conference */
/**
 * @typedef {object} Recording
 * @property {string} id
 * @property {string} status
 * @property {number|null} seconds
 * @property {string|null} participant
 * @property {string|null} sound
 * @property {string[]} can
 */

/** While it runs its buttons stand there also when they are off, with the reason. */
const WHILE = /** @type {Record<string, string[]>} */ ({ "in-progress": ["pause", "stop"], paused: ["resume", "stop"] });

export class Recordings {
  /** Kept while they are shown: who hears one goes on hearing it. @type {Map<string, HTMLElement>} */
  #lines = new Map();

  /** @param {HTMLElement} section */
  constructor(section) {
    this.section = section;
    this.list = part(section, ".recorded-list");
  }

  /** @param {Conference} conference @param {Recording[]} recordings */
  show(conference, recordings) {
    const ids = new Set(recordings.map((one) => one.id));
    for (const [id, line] of this.#lines) {
      if (ids.has(id)) continue;
      line.remove();
      this.#lines.delete(id);
    }
    for (const one of recordings) this.#show(conference, one);
    this.section.hidden = recordings.length === 0;
  }

  /** @param {Conference} conference @param {Recording} recording */
  #show(conference, recording) {
    const line = this.#lines.get(recording.id) ?? this.#make(recording.id);
    const who = whose(conference, recording);
    setAttribute(line, "data-status", recording.status);
    setText(part(line, ".recorded-name"), who);
    setText(part(line, ".recorded-state"), say(`recording.${recording.status}`));
    setText(part(line, ".recorded-long"), recording.seconds === null ? "" : span(recording.seconds));
    const sound = part(line, "audio");
    sound.hidden = recording.sound === null;
    setAttribute(sound, "aria-label", say("recording.play", { who }));
    if (recording.sound) setAttribute(sound, "src", recording.sound);
    showButtons(part(line, ".recorded-commands"), conference, recording);
  }

  /** @param {string} id @returns {HTMLElement} */
  #make(id) {
    const line = clone("#recorded");
    setAttribute(line, "data-id", id);
    this.#lines.set(id, line);
    this.list.append(line);
    return line;
  }
}

/** @param {Conference} conference @param {Recording} recording @returns {string} */
function whose(conference, recording) {
  if (!recording.participant) return say("recording.call");
  const person = conference.participants.find((one) => one.id === recording.participant);
  return person ? personName(conference, person) : say("recording.phone");
}

/** @param {HTMLElement} box @param {Conference} conference @param {Recording} recording */
function showButtons(box, conference, recording) {
  const acts = WHILE[recording.status] ?? recording.can;
  const shown = [...box.children].map((button) => /** @type {HTMLElement} */ (button).dataset.act);
  if (shown.join() !== acts.join()) box.replaceChildren(...acts.map(makeButton));
  const person = conference.participants.find((one) => one.id === recording.participant);
  for (const button of /** @type {HTMLCollectionOf<HTMLElement>} */ (box.children)) {
    const act = button.dataset.act ?? "";
    const of = act === "delete" ? `recordings/${recording.id}`
      : recording.participant ? `participants/${recording.participant}` : `conferences/${conference.id}`;
    const off = act === "delete" ? "" : blockedReason(conference, `recording/${act}`, person);
    setAttribute(button, "formaction", `/${of}/commands/${act === "delete" ? act : `recording/${act}`}/`);
    setAttribute(button, "aria-disabled", off ? "true" : null);
    setAttribute(button, "title", off || null);
  }
}

/** @param {string} act @returns {HTMLElement} */
function makeButton(act) {
  const button = commandButton(`recording/${act}`, "small");
  button.dataset.act = act;
  setText(part(button, "span"), say(`recording.do.${act}`));
  return button;
}
