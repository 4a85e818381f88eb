/** Who was dialled into a call, and how far that is: printed from the server's list. */

import { ageOf, since } from "./clock.js";
import { toast } from "./notices.js";
import { has, say } from "./words.js";
import { clone, part, setAttribute, setText } from "./dom.js";

/**
 * @typedef {object} Dial
 * @property {string} id
 * @property {string} name
 * @property {string} to
 * @property {string} state
 * @property {string} ended_how
 * @property {string} text
 * @property {string} asked_at
 * @property {string|null} ended_at
 * @property {boolean} can_again
 * @property {boolean} can_cancel
 */

const MOST = 4;
const OVER_S = 600;
const UNDER_WAY = new Set(["waiting", "sent", "unknown", "queued", "dialling", "ringing"]);

export class Dials {
  /** @type {Map<string, HTMLElement>} */
  #lines = new Map();
  /** @type {Dial[]} */
  #dials = [];

  /** @param {HTMLElement} list */
  constructor(list) {
    this.list = list;
  }

  /** @param {Dial[]} dials newest first; somebody who is on the call stands among its people */
  show(dials) {
    this.#tellEnds(dials);
    this.#dials = newestOfEach(dials).filter(isWorthALine).slice(0, MOST);
    const ids = new Set(this.#dials.map((dial) => dial.id));
    for (const [id, line] of this.#lines) {
      if (ids.has(id)) continue;
      line.remove();
      this.#lines.delete(id);
    }
    let place = this.list.firstElementChild;
    for (const dial of this.#dials) {
      const line = this.#show(dial);
      if (line === place) place = place.nextElementSibling;
      else this.list.insertBefore(line, place);
    }
    this.list.hidden = this.#dials.length === 0;
    this.tick();
  }

  /** Who was dialled and did not come, while somebody looks. @param {Dial[]} dials */
  #tellEnds(dials) {
    const rang = new Set(this.#dials.filter((dial) => UNDER_WAY.has(dial.state)).map((dial) => dial.id));
    for (const dial of dials) {
      const phrase = `dial.ended.${dial.ended_how}`;
      if (!rang.has(dial.id) || dial.state !== "ended" || !has(phrase)) continue;
      toast(say(phrase, { who: dial.name, seconds: /\d+/.exec(dial.text)?.[0] ?? "" }), { error: true });
    }
  }

  /** @param {Dial} dial @returns {HTMLElement} */
  #show(dial) {
    const line = this.#lines.get(dial.id) ?? this.#make(dial.id);
    setAttribute(line, "data-look", look(dial));
    setText(part(line, ".dialled-name"), dial.name);
    for (const [verb, possible] of /** @type {const} */ ([["again", dial.can_again], ["cancel", dial.can_cancel]])) {
      part(line, `[data-verb=${verb}]`).hidden = !possible;
    }
    return line;
  }

  /** @param {string} id @returns {HTMLElement} */
  #make(id) {
    const line = clone("#dialled");
    setAttribute(line, "data-id", id);
    for (const verb of ["again", "cancel"]) {
      setAttribute(part(line, `[data-verb=${verb}]`), "formaction", `/dials/${id}/commands/${verb}/`);
    }
    this.#lines.set(id, line);
    return line;
  }

  tick() {
    for (const dial of this.#dials) {
      const line = this.#lines.get(dial.id);
      const running = UNDER_WAY.has(dial.state) ? ` ${since(dial.asked_at)}` : "";
      if (line) setText(part(line, ".dialled-text"), `${dial.text}${running}`);
    }
  }
}

/** @param {Dial} dial @returns {boolean} */
function isWorthALine(dial) {
  return dial.state !== "connected" && dial.ended_how !== "left" && ageOf(dial.ended_at) < OVER_S;
}

/** Of somebody who was dialled again what ended before is over. @param {Dial[]} dials @returns {Dial[]} */
function newestOfEach(dials) {
  const seen = new Set();
  return dials.filter(({ name, to, state }) => {
    const earlier = seen.has(`${name} ${to}`);
    seen.add(`${name} ${to}`);
    return !earlier || UNDER_WAY.has(state);
  });
}

/** @param {Dial} dial @returns {string} */
function look(dial) {
  return UNDER_WAY.has(dial.state) ? "ring" : "failed";
}
