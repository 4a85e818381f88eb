/** Single keys. They act on calls, so each rule here is about not acting by accident. */

import { part } from "./dom.js";
import { layerOpen, showKeys, toast } from "./notices.js";
import { say } from "./words.js";

/** @typedef {import("./acts.js").Acts} Acts */
/** @typedef {import("./table.js").CallTable} CallTable */

const AFTER_DATA_MOVED_MS = 300;
const BETWEEN_ESCAPES_MS = 400;
const OPENING = new Set(["l", "w", "b"]);

export class Keys {
  #lastEscape = -Infinity;
  #holding = 0;

  /**
   * @param {{acts: Acts, table: CallTable|null, letters: boolean, holdSeconds: () => number,
   *   fillBarge: (holding: boolean) => void, open: () => void, closeLayer: () => boolean,
   *   refresh: () => void}} wiring
   */
  constructor(wiring) {
    this.wiring = wiring;
    const { acts, table } = wiring;
    /** @type {Record<string, () => void>} */
    this.letters = {
      l: () => void acts.listen(), w: () => void acts.whisper(), m: () => void acts.silence(),
      c: () => void acts.cue(), r: () => wiring.refresh(), j: () => table?.move((at) => at + 1), k: () => table?.move((at) => at - 1),
      "/": () => search(), "?": () => showKeys(),
    };
    /** @type {Record<string, () => void>} */
    this.moves = {
      ArrowDown: () => table?.move((at) => at + 1), ArrowUp: () => table?.move((at) => at - 1),
      Home: () => table?.move(() => 0), End: () => table?.move((_, last) => last),
      Enter: () => wiring.open(),
    };
  }

  start() {
    document.addEventListener("keydown", (event) => this.#down(event));
    document.addEventListener("keyup", (event) => this.#up(event));
    addEventListener("blur", () => this.#cancelHold());
  }

  /** @param {KeyboardEvent} event */
  #down(event) {
    if (event.isComposing || event.defaultPrevented || layerOpen()) return;
    if (event.key === "k" && event.ctrlKey && !event.altKey && !event.metaKey) return use(event, search);
    if (event.ctrlKey || event.altKey || event.metaKey || event.repeat && !this.#isMove(event)) return;
    if (event.key === "Escape") return this.#escape(event);
    if (isEditing(event)) return;
    if (this.#isMove(event)) return use(event, this.moves[event.key]);
    if (this.wiring.letters) this.#letter(event);
  }

  /** Arrows and Enter belong to the list, unless a button or a link has the focus. @param {KeyboardEvent} event */
  #isMove(event) {
    if (!(event.key in this.moves)) return false;
    const target = /** @type {Element} */ (event.target);
    return target.matches("tr.row") || (event.key.startsWith("Arrow") && target === document.body);
  }

  /** @param {KeyboardEvent} event */
  #letter(event) {
    const key = keyOf(event);
    if (event.shiftKey && /^[a-z]$/.test(key)) return;
    const moved = performance.now() - (this.wiring.table?.movedAt ?? -Infinity) < AFTER_DATA_MOVED_MS;
    if (moved && OPENING.has(key)) return;
    if (document.querySelector("details.more[open]")) return;
    if (key === "b") return use(event, () => this.#hold());
    if (key in this.letters) use(event, this.letters[key]);
  }

  #hold() {
    if (!this.wiring.acts.onCall) return toast(say("listen_first"));
    this.wiring.fillBarge(true);
    this.#holding = setTimeout(() => {
      this.#cancelHold();
      void this.wiring.acts.bargeHeld();
    }, this.wiring.holdSeconds() * 1000);
  }

  #cancelHold() {
    clearTimeout(this.#holding);
    this.#holding = 0;
    this.wiring.fillBarge(false);
  }

  /** @param {KeyboardEvent} event */
  #up(event) {
    if (keyOf(event) !== "b" || !this.#holding) return;
    this.#cancelHold();
    void this.wiring.acts.press("barge");
  }

  /** @param {KeyboardEvent} event */
  #escape(event) {
    const at = performance.now();
    if (isEditing(event)) return leaveField(event);
    if (this.wiring.closeLayer()) return event.preventDefault();
    if (at - this.#lastEscape < BETWEEN_ESCAPES_MS) return;
    this.#lastEscape = at;
    use(event, () => void this.wiring.acts.escape());
  }
}

/** @param {KeyboardEvent} event @param {() => void} act */
function use(event, act) {
  event.preventDefault();
  act();
}

/** On a layout without Latin letters the place of the key counts. @param {KeyboardEvent} event @returns {string} */
function keyOf(event) {
  if (/^[\x20-\x7e]$/.test(event.key)) return event.key.toLowerCase();
  return event.code.startsWith("Key") ? event.code.slice(3).toLowerCase() : event.key;
}

/** @param {KeyboardEvent} event @returns {boolean} */
function isEditing(event) {
  const target = /** @type {HTMLElement} */ (event.target);
  return target.isContentEditable || target.matches("input, textarea, select");
}

/** A search is cleared as well, and everybody who listens to the field hears of it. @param {KeyboardEvent} event */
function leaveField(event) {
  const field = /** @type {HTMLInputElement} */ (event.target);
  event.preventDefault();
  if (field.type === "search") {
    field.value = "";
    field.dispatchEvent(new Event("input"));
  }
  field.blur();
}

function search() {
  const field = document.getElementById("q");
  if (!field) return location.assign("/");
  part(document, "#q").focus();
  /** @type {HTMLInputElement} */ (field).select();
}
