/** The order of the list: longest call first, new ones at the end, and still where somebody points. */

/** @typedef {import("./types.js").Conference} Conference */

export class Order {
  /** @type {string[]} */
  ids = [];
  /** Ended calls that keep their place for as long as somebody is in the list. @type {Map<string, Conference>} */
  ended = new Map();
  /** When each was first seen: a start that becomes known later moves nothing. @type {Map<string, string>} */
  #places = new Map();

  /**
   * @param {Conference[]} wanted what the filters let through
   * @param {Map<string, Conference|null>} gone
   * @param {string[]} anchors rows that must not move; none: everything may
   */
  arrange(wanted, gone, anchors) {
    for (const [id, conference] of gone) if (conference) this.ended.set(id, conference);
    for (const { id } of wanted) this.ended.delete(id);
    const sorted = this.#sort(wanted);
    if (anchors.length) return this.#keepStill(sorted, anchors);
    this.ids = sorted;
    this.ended.clear();
  }

  /** @param {Conference[]} conferences @returns {string[]} */
  #sort(conferences) {
    for (const { id, started_at: started } of conferences) {
      if (!this.#places.has(id)) this.#places.set(id, started ?? new Date().toISOString());
    }
    const places = conferences.map(({ id }) => `${this.#places.get(id)} ${id}`);
    return places.sort().map((place) => place.slice(place.indexOf(" ") + 1));
  }

  /** Above the lowest anchor nothing comes or goes. @param {string[]} sorted @param {string[]} anchors */
  #keepStill(sorted, anchors) {
    const wanted = new Set(sorted);
    const anchor = Math.max(...anchors.map((id) => this.ids.indexOf(id)));
    const kept = this.ids.filter((id, at) => wanted.has(id) || (at <= anchor && this.ended.has(id)));
    const shown = new Set(kept);
    this.ids = [...kept, ...sorted.filter((id) => !shown.has(id))];
  }

  /** Nobody points any more. @returns {boolean} whether something went */
  release() {
    if (this.ended.size === 0) return false;
    this.ids = this.ids.filter((id) => !this.ended.has(id));
    this.ended.clear();
    return true;
  }
}
