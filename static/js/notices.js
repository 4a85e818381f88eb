/** Toasts and dialogs. */

import { byId, make, part, setText } from "./dom.js";
import { holdable } from "./hold.js";

const TOAST_MS = 5000;

/** @param {string} text @param {{error?: boolean}} [options] */
export function toast(text, { error = false } = {}) {
  const node = make("p", error ? "toast error" : "toast", text);
  const box = byId("toasts");
  box.querySelector(".toast:not(.error)")?.remove(); // the newest word counts
  while (box.children.length > 2) box.firstElementChild?.remove();
  box.append(node);
  setTimeout(() => node.remove(), TOAST_MS);
}

/** @returns {boolean} keys belong to the dialog or menu that is open */
export function layerOpen() {
  return document.querySelector("dialog[open]") !== null;
}

/**
 * @typedef {object} Question
 * @property {string} title
 * @property {string} text
 * @property {string} yes
 * @property {string} no
 * @property {number} [hold] seconds that `yes` must be held
 */

/**
 * Asks, with the focus on the second, harmless button.
 * @param {Question} question
 * @returns {Promise<boolean>}
 */
export function confirm({ title, text, yes, no, hold = 0 }) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("confirm"));
  setText(byId("confirm-title"), title);
  setText(byId("confirm-text"), text);
  const [first, second] = freshButtons(dialog, [yes, no]);
  return new Promise((answer) => {
    const close = (/** @type {boolean} */ said) => { dialog.close(); answer(said); };
    if (hold) holdable(first, { seconds: hold, held: () => close(true), tapped: () => toast(`Hold "${yes}".`) });
    else first.onclick = () => close(true);
    second.onclick = () => close(false);
    dialog.oncancel = () => answer(false);
    dialog.showModal();
    second.focus();
  });
}

/** New nodes, so that nothing of an earlier question is still listening. */
/** @param {HTMLElement} dialog @param {string[]} labels @returns {HTMLButtonElement[]} */
function freshButtons(dialog, labels) {
  return labels.map((label, index) => {
    const old = part(dialog, `.dialog-buttons > :nth-child(${index + 1})`);
    const button = /** @type {HTMLButtonElement} */ (old.cloneNode(true));
    setText(button, label);
    old.replaceWith(button);
    return button;
  });
}

/**
 * @param {{id: string, name: string}[]} people
 * @param {string} [title] whom to what
 * @returns {Promise<string|null>} the id of the chosen one; digits choose as well
 */
export function choose(people, title) {
  const dialog = /** @type {HTMLDialogElement} */ (byId("choose"));
  setText(byId("choose-title"), title ?? byId("choose-title").dataset.usual ?? "");
  return new Promise((answer) => {
    const close = (/** @type {string|null} */ id) => { dialog.close(); answer(id); };
    const buttons = people.map((person, index) => {
      const button = make("button", "button", `${index + 1} ${person.name}`);
      button.onclick = () => close(person.id);
      return button;
    });
    byId("choose-buttons").replaceChildren(...buttons);
    dialog.onkeydown = (event) => {
      const person = people[Number(event.key) - 1];
      if (person) close(person.id);
    };
    dialog.oncancel = () => answer(null);
    dialog.showModal();
  });
}

export function showKeys() {
  const dialog = /** @type {HTMLDialogElement} */ (byId("keys"));
  const button = /** @type {HTMLButtonElement} */ (part(dialog, "button"));
  button.onclick = () => dialog.close();
  dialog.showModal();
  button.focus();
}
