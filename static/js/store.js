/** The live conferences, by id. A lower version than the one held is ignored. */

import { inNextFrame } from "./dom.js";

/** @typedef {import("./types.js").Conference} Conference */
/**
 * @typedef {object} Changes
 * @property {Set<string>} changed ids that are new or have a new version
 * @property {Map<string, Conference|null>} gone ids that left; with the ended conference, or null when it is
 *   no longer this person's to see
 */

export class Store {
  /** @type {Map<string, Conference>} */
  #conferences = new Map();
  /** @type {Set<(changes: Changes) => void>} */
  #listeners = new Set();
  /** @type {Changes} */
  #changes = { changed: new Set(), gone: new Map() };
  #tell = () => this.#flush();

  /** @param {string|null|undefined} id @returns {Conference|undefined} */
  get(id) {
    return id ? this.#conferences.get(id) : undefined;
  }

  /** @returns {IterableIterator<Conference>} */
  all() {
    return this.#conferences.values();
  }

  /** @param {(changes: Changes) => void} listener hears of each batch, once per animation frame */
  subscribe(listener) {
    this.#listeners.add(listener);
  }

  /** @param {Conference[]} conferences everything there is: a snapshot */
  replace(conferences) {
    const ids = new Set(conferences.map((conference) => conference.id));
    const missing = [...this.#conferences.keys()].filter((id) => !ids.has(id));
    this.apply(conferences, missing);
  }

  /** @param {Conference[]} conferences @param {string[]} gone */
  apply(conferences, gone) {
    for (const conference of conferences) this.#put(conference);
    for (const id of gone) this.#remove(id);
    inNextFrame(this.#tell);
  }

  /** @param {Conference} conference */
  #put(conference) {
    const held = this.#conferences.get(conference.id);
    if (held && held.version >= conference.version) return;
    this.#conferences.set(conference.id, conference);
    this.#changes.changed.add(conference.id);
    this.#changes.gone.delete(conference.id);
  }

  /** @param {string} id */
  #remove(id) {
    const held = this.#conferences.get(id);
    if (!held) return;
    this.#conferences.delete(id);
    this.#changes.changed.delete(id);
    this.#changes.gone.set(id, held.status === "completed" ? held : null);
  }

  #flush() {
    const changes = this.#changes;
    this.#changes = { changed: new Set(), gone: new Map() };
    for (const listener of this.#listeners) listener(changes);
  }
}
