/** The address book beside the field for a number: what is written there looks through it. */

import { part } from "./dom.js";

/** @param {HTMLElement} sheet */
export function book(sheet) {
  const list = /** @type {HTMLElement|null} */ (sheet.querySelector(".book"));
  if (!list) return;
  const field = /** @type {HTMLInputElement} */ (part(sheet, "[name=to]"));
  const none = part(list, ".book-none");
  const lines = [...list.querySelectorAll("li")];
  const show = (/** @type {string} */ written) => {
    const wanted = written.trim().toLowerCase();
    for (const line of lines) line.hidden = !(line.textContent ?? "").toLowerCase().includes(wanted);
    none.hidden = lines.some((line) => !line.hidden);
  };
  field.addEventListener("input", () => {
    for (const radio of list.querySelectorAll("input")) radio.checked = false;
    show(field.value);
  });
  list.addEventListener("change", (event) => {
    const line = /** @type {Element} */ (event.target).closest("li");
    field.value = line ? part(line, ".book-name").textContent ?? "" : "";
  });
}
