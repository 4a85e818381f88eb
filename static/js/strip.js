/** The strip: who hears me. It is painted from the `me` frame alone, or from `if_lost` without a connection. */

import { ageOf, since, timeOfDay } from "./clock.js";
import { byId, icon, inNextFrame, make, part, setAttribute, setText } from "./dom.js";
import { empty, fill, holdable } from "./hold.js";
import * as sound from "./sound.js";
import { say } from "./words.js";

/** @typedef {import("./types.js").StripState} StripState */
/** @typedef {import("./types.js").StripButton} StripButton */

const MODES = ["listen", "whisper", "barge"];
const KEYS = /** @type {Record<string, string>} */ ({ listen: "L", whisper: "W", barge: "hold B", leave: "Esc" });
const LOUDNESS = { nobody: 0, agent: 1, unknown: 2, everyone: 3 };
const LOST_GROUND = /** @type {const} */ ({ nobody: "grey", agent: "amber", everyone: "red" });
const OLD_CONFIRMATION_S = 5;

export class Strip {
  /** @type {StripState|null} */
  state = null;
  /** @type {Map<string, HTMLElement>} */
  #buttons = new Map();
  #lostSince = 0;
  /** The strip's own question, in the place of the state's words. @type {StripState|null} */
  #question = null;
  #closed = "";
  #paint = () => this.#show();

  /**
   * @param {{onPress: (verb: string) => void, onHold: () => void, holdSeconds: () => number,
   *   confirmedMode: () => string|null, retryIn: () => number}} wiring
   */
  constructor(wiring) {
    this.wiring = wiring;
    this.node = byId("strip");
    this.headline = part(this.node, ".strip-headline");
    this.subline = part(this.node, ".strip-subline");
    this.time = part(this.node, ".strip-time");
    this.age = part(this.node, ".strip-age");
    this.modes = part(this.node, ".strip-modes");
    new ResizeObserver(() => this.#tellHeight()).observe(this.node);
  }

  #boxes() {
    return [this.modes, part(this.node, ".strip-other"), part(this.node, ".strip-leave")];
  }

  /** Toasts stand above the strip. */
  #tellHeight() {
    document.body.style.setProperty("--strip-height", `${this.node.offsetHeight}px`);
  }

  /** @param {StripState} state */
  set(state) {
    const before = this.state;
    if (!before) for (const box of this.#boxes()) box.replaceChildren(); // the server's buttons
    this.state = state;
    if (before && isOpen(before) && !isOpen(state)) void sound.silent();
    if (state.code !== before?.code) this.#question = null;
    inNextFrame(this.#paint);
  }

  /** @param {number} lastFrame milliseconds; 0 when the page is live again */
  setLost(lastFrame) {
    this.#lostSince = lastFrame;
    inNextFrame(this.#paint);
  }

  /** The modes are confirmed by the conference's own row, which may come after the frame. */
  refresh() {
    inNextFrame(this.#paint);
  }

  /** @param {string} verb @returns {StripButton|undefined} */
  button(verb) {
    return this.state?.buttons.find((button) => button.verb === verb);
  }

  /** @returns {boolean} somebody hears this person, or may */
  get audible() {
    return this.state !== null && isOpen(this.state);
  }

  /** Paints "Speak to everyone?" over the state, on the ground of the state. @param {string} text */
  ask(text) {
    if (!this.state) return;
    const yes = { verb: "speak", label: say("verb.speak"), enabled: true, reason: null };
    const no = { verb: "cancel", label: say("verb.cancel"), enabled: true, reason: null };
    this.#question = { ...this.state, headline: say("speak_title"), subline: text, chips: [], buttons: [yes, no] };
    this.#show();
    this.#buttons.get("cancel")?.focus();
  }

  stopAsking() {
    if (!this.#question) return;
    this.#question = null;
    this.#show();
  }

  get asking() {
    return this.#question !== null;
  }

  /** Takes a finished state ("The call has ended") off the screen. */
  close() {
    this.#closed = this.state ? `${this.state.code} ${this.state.since}` : "";
    this.#show();
  }

  #show() {
    if (!this.state) return;
    const state = this.#question ?? this.#stateOnScreen(this.state);
    this.#showWords(state);
    setAttribute(this.node, "data-code", state.code);
    setAttribute(this.node, "data-ground", state.ground);
    setAttribute(this.node, "data-striped", String(state.striped));
    part(this.node, ".strip-chips").replaceChildren(...state.chips.map(hearsChip));
    this.#showButtons(state);
    this.tick();
  }

  /** @param {StripState} state @returns {StripState} */
  #stateOnScreen(state) {
    if (this.#lostSince) return this.#lost(state);
    if (this.#closed !== `${state.code} ${state.since}`) return state;
    return { ...state, ground: "plain", striped: false, headline: say("not_on_call"), subline: "", chips: [],
      since: null, confirmed_at: null, buttons: [] };
  }

  /** @param {StripState} state @returns {StripState} */
  #lost(state) {
    const onCall = state.buttons.some((button) => button.verb === "leave");
    const values = { since: timeOfDay(this.#lostSince), seconds: String(this.wiring.retryIn()),
      last: say(`lost.${state.if_lost}`) };
    return { ...state, chips: [], since: null, confirmed_at: null, striped: onCall,
      worst: state.if_lost, ground: onCall ? LOST_GROUND[state.if_lost] : "grey",
      headline: say(onCall ? "lost.open" : "lost.off_call"), subline: say("lost.text", values),
      buttons: state.buttons.filter((button) => button.verb === "leave") };
  }

  /** @param {StripState} state */
  #showWords(state) {
    const louder = LOUDNESS[state.worst] > Number(this.headline.dataset.loudness ?? 0);
    this.headline.dataset.loudness = String(LOUDNESS[state.worst]);
    if (this.headline.textContent !== state.headline) {
      setAttribute(this.headline, "aria-live", louder ? "assertive" : "polite");
      setText(this.headline, state.headline);
    }
    setText(this.subline, state.subline ?? "");
  }

  tick() {
    if (!this.state) return;
    if (this.#lostSince) setText(this.subline, this.#lost(this.state).subline ?? "");
    const state = this.#question ? null : this.#lostSince ? null : this.state;
    const age = state?.confirmed_at ? ageOf(state.confirmed_at) : 0;
    const running = state?.since && this.button("leave") ? since(state.since) : "";
    setText(this.time, running);
    const old = running && age > OLD_CONFIRMATION_S;
    setText(this.age, old ? say("seconds_ago", { seconds: String(Math.floor(age)) }) : "");
  }

  /** @param {StripState} state */
  #showButtons(state) {
    const verbs = new Set(state.buttons.map((button) => button.verb));
    for (const [verb, node] of this.#buttons) if (!verbs.has(verb)) this.#drop(verb, node);
    const group = state.buttons.filter((one) => MODES.includes(one.verb)).length > 1;
    setAttribute(this.modes, "role", group ? "radiogroup" : null);
    setAttribute(this.modes, "aria-label", group ? say("modes") : null);
    for (const button of state.buttons) this.#showButton(button, state, group);
  }

  /** @param {string} verb @param {HTMLElement} node */
  #drop(verb, node) {
    const focused = node === document.activeElement;
    node.remove();
    this.#buttons.delete(verb);
    if (focused) this.headline.focus();
  }

  /** @param {StripButton} button @param {StripState} state @param {boolean} group */
  #showButton(button, state, group) {
    const node = this.#buttons.get(button.verb) ?? this.#make(button.verb);
    setText(part(node, "span"), button.label);
    setAttribute(node, "aria-disabled", button.enabled ? null : "true");
    setAttribute(node, "title", button.reason ?? null);
    if (!MODES.includes(button.verb)) return;
    const confirmed = this.wiring.confirmedMode();
    const pending = state.striped && state.wanted === button.verb && confirmed !== button.verb;
    setAttribute(node, "role", group ? "radio" : null);
    setAttribute(node, "aria-checked", group ? String(confirmed === button.verb) : null);
    setAttribute(node, "data-wanted", pending ? "true" : null);
  }

  /** @param {string} verb @returns {HTMLElement} */
  #make(verb) {
    const node = make("button", `strip-button ${verb}`);
    node.append(make("span", ""));
    if (KEYS[verb]) node.append(make("kbd", "", KEYS[verb]));
    node.setAttribute("type", "button");
    node.dataset.verb = verb;
    if (verb === "barge") this.#makeHoldable(node);
    else node.addEventListener("click", () => this.wiring.onPress(verb));
    this.#buttons.set(verb, node);
    this.#place(verb, node);
    return node;
  }

  /** @param {HTMLElement} node */
  #makeHoldable(node) {
    holdable(node, {
      seconds: this.wiring.holdSeconds(),
      held: () => this.wiring.onHold(),
      tapped: () => this.wiring.onPress("barge"),
    });
  }

  /** Each verb has its place, in every state. @param {string} verb @param {HTMLElement} node */
  #place(verb, node) {
    const [modes, other, leave] = this.#boxes();
    if (MODES.includes(verb)) {
      const later = MODES.slice(MODES.indexOf(verb) + 1).map((one) => this.#buttons.get(one)).find(Boolean);
      modes.insertBefore(node, later ?? null);
    } else if (verb === "leave" || verb === "cancel" || verb === "close") leave.append(node);
    else other.append(node);
  }

  /** The ring of a held B key. @param {boolean} holding */
  fillBarge(holding) {
    const node = this.#buttons.get("barge");
    if (!node) return;
    if (holding) fill(node, this.wiring.holdSeconds());
    else empty(node);
  }
}

/** @param {StripState} state @returns {boolean} */
function isOpen(state) {
  return state.worst !== "nobody";
}

/** @param {{name: string, hears: boolean|null}} chip @returns {HTMLElement} */
function hearsChip({ name, hears }) {
  const [look, picture, phrase] = hears === null ? ["maybe", "ear", "chip.maybe"]
    : hears ? ["yes", "ear", "chip.yes"] : ["no", "ear-off", "chip.no"];
  const node = make("li", "hears");
  node.dataset.hears = look;
  const who = name.charAt(0).toUpperCase() + name.slice(1);
  node.append(icon(picture), make("span", "hears-who", who), make("span", "", say(phrase)));
  return node;
}
