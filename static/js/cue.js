/** The cards of a cue: digits choose, and the line counts what is left of it. */

import { part, setText } from "./dom.js";
import { say } from "./words.js";

/** @param {HTMLElement} sheet */
export function cards(sheet) {
  const line = /** @type {HTMLInputElement|null} */ (sheet.querySelector("[data-count]"));
  if (!line) return;
  const counter = part(sheet, ".counter");
  const count = () => setText(counter, say("cue.left", { left: String(line.maxLength - line.value.length) }));
  line.addEventListener("input", count);
  count();
  const all = /** @type {HTMLButtonElement[]} */ ([...sheet.querySelectorAll(".cue-card")]);
  sheet.addEventListener("keydown", (event) => {
    if (event.target === line || event.ctrlKey || event.altKey || event.metaKey || event.repeat) return;
    const card = all[Number(event.key) - 1];
    if (!card) return;
    event.preventDefault();
    card.click();
  });
}
