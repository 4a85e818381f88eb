/** One row of the list: its nodes are found once and patched. */

import { since } from "./clock.js";
import { clone, part, setAttribute, setText } from "./dom.js";
import { agentText, alsoHere, callSince, customerText, doubt, ownStay, showProvider, showRecording } from "./screen.js";
import { agedText, checkedText } from "./lines.js";
import { blockedReason } from "./rights.js";

/** @typedef {import("./types.js").Conference} Conference */

/** @param {string} state @returns {HTMLElement} */
export function chip(state) {
  return clone(`template[data-chip="${state}"]`);
}

export class Row {
  #state = "";
  /** @type {Conference|null} */
  #conference = null;

  /** @param {HTMLElement} node a row of the server, or an empty copy */
  constructor(node = clone("#row")) {
    this.node = node;
    this.link = /** @type {HTMLAnchorElement} */ (part(node, ".row-link"));
    this.buttons = /** @type {NodeListOf<HTMLButtonElement>} */ (node.querySelectorAll(".row-actions button"));
    this.node.tabIndex = -1;
    this.link.tabIndex = -1;
  }

  /** @param {Conference} conference */
  show(conference) {
    this.#conference = conference;
    const url = `/conferences/${conference.id}/`;
    setAttribute(this.node, "data-id", conference.id);
    setAttribute(this.link, "href", url);
    setText(this.link, agentText(conference));
    setText(part(this.node, ".c-customer bdi"), customerText(conference));
    setText(part(this.node, ".c-team"), conference.team?.name ?? "");
    showProvider(part(this.node, ".provider"), conference.provider);
    this.#showAlso(conference);
    this.#showState(conference);
    for (const button of this.buttons) this.#showButton(button, url);
    this.tick();
  }

  /** @param {Conference} conference */
  #showAlso(conference) {
    const mark = part(this.node, ".rec");
    showRecording(mark, conference);
    setAttribute(part(this.node, ".c-agent"), "data-recording", mark.textContent || null);
    const also = part(this.node, ".also");
    setText(also, alsoHere(conference));
    setAttribute(also, "title", also.textContent || null);
    setAttribute(also, "data-mine", ownStay(conference)?.confirmed ?? null);
  }

  /** @param {Conference} conference */
  #showState(conference) {
    if (conference.state === this.#state) return;
    const first = this.#state === "" && this.node.dataset.state === conference.state;
    if (!first) part(this.node, ".c-state").replaceChildren(chip(conference.state));
    if (this.#state) this.#mark();
    this.#state = conference.state;
    setAttribute(this.node, "data-state", conference.state);
  }

  /** Marks the cell once: something changed here. */
  #mark() {
    this.node.classList.add("changed");
    this.node.addEventListener("animationend", () => this.node.classList.remove("changed"), { once: true });
  }

  /** @param {HTMLButtonElement} button @param {string} url */
  #showButton(button, url) {
    const verb = button.dataset.verb ?? "";
    const reason = blockedReason(/** @type {Conference} */ (this.#conference), verb);
    setAttribute(button, "formaction", `${url}commands/${verb}/`);
    setAttribute(button, "aria-disabled", reason ? "true" : null);
    setAttribute(button, "title", reason || null);
  }

  /** @param {boolean} active its buttons are a Tab stop only in the active row */
  setActive(active) {
    this.node.tabIndex = active ? 0 : -1;
    for (const button of this.buttons) button.tabIndex = active ? 0 : -1;
  }

  tick() {
    if (!this.#conference) return;
    const checked = part(this.node, ".checked");
    setText(checked, checkedText(this.#conference));
    setAttribute(checked, "title", doubt(this.#conference) || null);
    setAttribute(part(this.node, ".c-state"), "data-aged", agedText(this.#conference) || null);
    const { state, state_since: stateSince } = this.#conference;
    setText(part(this.node, ".c-time time"), state === "ended" ? "" : since(stateSince));
    setText(part(this.node, ".c-call time"), state === "ended" ? "" : since(callSince(this.#conference)));
  }
}
