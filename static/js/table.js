/** The list: windowed when it is long, rows made once and patched, one Tab stop. */

import { part, setAttribute } from "./dom.js";
import { Order } from "./order.js";
import { Row } from "./row.js";

/** @typedef {import("./types.js").Conference} Conference */

const ALL_IN_THE_PAGE = 200;
const OVERSCAN = 12;

export class CallTable {
  #order = new Order();
  /** @type {Map<string, Row>} */
  #rows = new Map();
  #top = spacer();
  #bottom = spacer();
  #active = "";
  #selected = "";
  #hovered = "";
  /** Until the first snapshot the server's rows stand. */
  #begun = false;
  /** When data, not the person, last moved the focus: `performance.now()`. */
  movedAt = -Infinity;

  /**
   * @param {{scroller: HTMLElement, body: HTMLElement, find: (id: string) => Conference|undefined,
   *   onOpen: (id: string) => boolean}} wiring
   */
  constructor({ scroller, body, find, onOpen }) {
    this.scroller = scroller;
    this.body = body;
    this.find = find;
    this.onOpen = onOpen;
    this.#adopt();
    this.#listen();
  }

  /** Takes over the rows that the server has painted. */
  #adopt() {
    for (const node of /** @type {NodeListOf<HTMLElement>} */ (this.body.querySelectorAll("tr.row"))) {
      this.#rows.set(node.dataset.id ?? "", new Row(node));
    }
    this.body.prepend(this.#top);
    this.body.append(this.#bottom);
  }

  #listen() {
    const render = () => this.#render();
    this.scroller.addEventListener("scroll", () => requestAnimationFrame(render), { passive: true });
    new ResizeObserver(render).observe(this.scroller);
    this.body.addEventListener("pointerover", (event) => { this.#hovered = idAt(event); });
    this.body.addEventListener("pointerleave", () => { this.#hovered = ""; this.#release(); });
    this.body.addEventListener("focusin", (event) => this.#activate(idAt(event)));
    this.body.addEventListener("focusout", () => setTimeout(() => this.#release()));
    this.body.addEventListener("click", (event) => this.#clicked(event));
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const target = /** @type {Element} */ (event.target);
    const id = idAt(event);
    if (!id || target.closest("button") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (this.onOpen(id)) event.preventDefault();
  }

  /** @returns {string} the id of the row that has the focus, or "" */
  get focused() {
    return this.body.contains(document.activeElement) ? this.#active : "";
  }

  get length() {
    return this.#order.ids.length;
  }

  /**
   * @param {Conference[]} wanted what the filters let through
   * @param {Map<string, Conference|null>} gone
   * @param {{still?: boolean}} [options] still false: the person changed the filter, so rows may move
   */
  arrange(wanted, gone, { still = true } = {}) {
    this.#begun = true;
    this.#order.arrange(wanted, gone, still ? this.#anchors() : []);
    const lost = this.focused !== "" && !this.#order.ids.includes(this.#active);
    this.#render();
    if (lost) this.#moveFocusFromVanished();
  }

  /** @returns {string[]} */
  #anchors() {
    return [this.#hovered, this.focused].filter((id) => id !== "");
  }

  #release() {
    if (this.#anchors().length === 0 && this.#order.release()) this.#render();
  }

  #moveFocusFromVanished() {
    this.movedAt = performance.now();
    this.#rows.get(this.#active)?.node.focus({ preventScroll: true });
  }

  /** @param {Iterable<string>} ids */
  patch(ids) {
    for (const id of ids) {
      const row = this.#rows.get(id);
      if (row) this.#fill(row, id);
    }
  }

  /** @param {Row} row @param {string} id */
  #fill(row, id) {
    const conference = this.find(id) ?? this.#order.ended.get(id);
    if (conference) row.show(conference);
  }

  tick() {
    for (const row of this.#rows.values()) row.tick();
  }

  #render() {
    if (!this.#begun) return;
    const [from, to] = this.#window();
    const ids = this.#order.ids.slice(from, to);
    const height = this.#rowHeight;
    this.#dropOutside(new Set(ids));
    let cursor = this.#top.nextElementSibling;
    for (const [at, id] of ids.entries()) {
      const { node } = this.#row(id);
      setAttribute(node, "aria-rowindex", String(from + at + 2));
      if (cursor === node) cursor = node.nextElementSibling;
      else this.body.insertBefore(node, cursor);
    }
    setHeight(this.#top, from * height);
    setHeight(this.#bottom, (this.length - to) * height);
    this.#mark();
  }

  /** @returns {[number, number]} the rows that are in the page */
  #window() {
    if (this.length <= ALL_IN_THE_PAGE) return [0, this.length];
    const first = Math.floor(this.scroller.scrollTop / this.#rowHeight) - OVERSCAN;
    const visible = Math.ceil(this.scroller.clientHeight / this.#rowHeight) + 2 * OVERSCAN;
    const from = Math.max(0, Math.min(first, this.length - visible));
    return [from, Math.min(this.length, from + visible)];
  }

  get #rowHeight() {
    const first = /** @type {HTMLElement|null} */ (this.body.querySelector("tr.row"));
    return first?.offsetHeight || 36;
  }

  /** @param {string} id @returns {Row} */
  #row(id) {
    let row = this.#rows.get(id);
    if (!row) {
      row = new Row();
      this.#rows.set(id, row);
      this.#fill(row, id);
    }
    return row;
  }

  /** @param {Set<string>} wanted */
  #dropOutside(wanted) {
    for (const [id, row] of this.#rows) {
      if (wanted.has(id)) continue;
      if (row.node.contains(document.activeElement)) this.scroller.focus({ preventScroll: true });
      row.node.remove();
      this.#rows.delete(id);
    }
  }

  #mark() {
    if (!this.#order.ids.includes(this.#active)) this.#active = this.#order.ids[0] ?? "";
    for (const [id, row] of this.#rows) {
      row.setActive(id === this.#active);
      setAttribute(row.node, "aria-selected", id === this.#selected ? "true" : "false");
    }
  }

  /** @param {string} id */
  #activate(id) {
    if (!id || id === this.#active) return;
    this.#active = id;
    this.#mark();
  }

  /** @param {string} id the call in the panel, or "" */
  select(id) {
    this.#selected = id;
    this.#mark();
  }

  /** @param {(at: number, last: number) => number} step from the focused row; the first step enters the list */
  move(step) {
    const ids = this.#order.ids;
    if (ids.length === 0) return;
    const inside = this.focused !== "" || document.activeElement === this.scroller;
    const at = ids.indexOf(this.#active);
    const next = Math.max(0, Math.min(ids.length - 1, inside ? step(at, ids.length - 1) : at));
    this.#active = ids[next];
    this.#reveal(next);
  }

  /** @param {number} at */
  #reveal(at) {
    const height = this.#rowHeight;
    const head = part(this.scroller, "thead").offsetHeight;
    const { scrollTop, clientHeight } = this.scroller;
    const lowest = (at + 1) * height + head - clientHeight;
    if (at * height < scrollTop) this.scroller.scrollTop = at * height;
    else if (lowest > scrollTop) this.scroller.scrollTop = lowest;
    this.#render();
    this.#rows.get(this.#active)?.node.focus({ preventScroll: true });
  }
}

/** @param {Event} event @returns {string} */
function idAt(event) {
  const row = /** @type {Element} */ (event.target).closest("tr.row");
  return /** @type {HTMLElement|null} */ (row)?.dataset.id ?? "";
}

/** @returns {HTMLTableRowElement} */
function spacer() {
  const row = document.createElement("tr");
  row.className = "spacer";
  row.setAttribute("aria-hidden", "true");
  row.append(document.createElement("td"));
  return row;
}

/** @param {HTMLElement} row @param {number} height */
function setHeight(row, height) {
  row.hidden = height <= 0;
  row.style.height = `${height}px`;
}
