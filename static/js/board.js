/** The board: the list, its filter, and the side panel. */

import { CallView } from "./call.js";
import { byId, setAttribute, setText } from "./dom.js";
import { Filter } from "./filter.js";
import { CallTable } from "./table.js";
import { say } from "./words.js";

/** @typedef {import("./types.js").Conference} Conference */
/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./store.js").Changes} Changes */

const PANEL = matchMedia("(min-width: 1100px)");
const PANEL_OVERLAYS = matchMedia("(max-width: 1280px)");

export class Board {
  #view = new CallView();
  #opened = "";

  /** @param {Store} store */
  constructor(store) {
    this.store = store;
    this.panel = byId("panel");
    this.filter = new Filter(() => this.#arrange(new Map(), false));
    this.table = new CallTable({
      scroller: byId("scroller"),
      body: byId("rows"),
      find: (id) => store.get(id),
      onOpen: (id) => this.open(id),
    });
    byId("more-rows").hidden = true;
    byId("panel-close").onclick = () => this.close();
    store.subscribe((changes) => this.#changed(changes));
  }

  /** @param {Changes} changes */
  #changed({ changed, gone }) {
    this.#arrange(gone, true);
    this.table.patch(changed);
    this.table.patch(gone.keys());
    this.#showCounts();
    const shown = this.store.get(this.#opened) ?? gone.get(this.#opened);
    if (shown && (changed.has(this.#opened) || gone.has(this.#opened))) this.#view.show(shown);
    else if (gone.has(this.#opened)) this.close();
  }

  /** @param {Map<string, Conference|null>} gone @param {boolean} still */
  #arrange(gone, still) {
    const wanted = [...this.store.all()].filter((conference) => this.filter.passes(conference));
    this.table.arrange(wanted, gone, { still });
    setAttribute(byId("rows").closest("table") ?? byId("rows"), "aria-rowcount", String(this.table.length + 1));
    byId("empty").hidden = this.table.length > 0;
    setText(byId("empty-title"), say(this.filter.query ? "empty.search" : "empty.title"));
    setText(byId("empty-text"), say(this.filter.query ? "empty.search_text" : "empty.text"));
  }

  #showCounts() {
    /** @type {Map<string, number>} */
    const counts = new Map([["", 0]]);
    for (const { team } of this.store.all()) {
      for (const key of ["", ...(team ? [String(team.id)] : [])]) counts.set(key, (counts.get(key) ?? 0) + 1);
    }
    for (const tab of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("a.tab"))) {
      setText(tab.querySelector("b") ?? tab, String(counts.get(tab.dataset.team ?? "") ?? 0));
    }
    const total = document.querySelector("[data-count]");
    if (total) setText(total, String(counts.get("")));
  }

  openFocused() {
    if (this.table.focused && !this.open(this.table.focused)) {
      location.assign(`/conferences/${this.table.focused}/`);
    }
  }

  /** @param {string} id @returns {boolean} false: the window is too small, the call has its own page */
  open(id) {
    const conference = this.store.get(id);
    if (!PANEL.matches) return false;
    if (!conference) return true;
    this.#opened = id;
    this.#view.show(conference);
    if (!this.#view.node.isConnected) this.panel.append(this.#view.node);
    byId("panel-blank").hidden = true;
    this.panel.classList.add("open");
    this.table.select(id);
    return true;
  }

  /** @returns {boolean} whether a panel lay over the list */
  closeOverlay() {
    const over = PANEL_OVERLAYS.matches && this.panel.classList.contains("open");
    if (over) this.close();
    return over;
  }

  close() {
    this.#opened = "";
    this.#view.node.remove();
    byId("panel-blank").hidden = false;
    this.panel.classList.remove("open");
    this.table.select("");
  }

  get opened() {
    return this.#opened;
  }

  /** @param {boolean} live */
  setLive(live) {
    byId("board").classList.toggle("dead", !live);
  }

  tick() {
    this.table.tick();
    this.#view.tick();
  }
}
