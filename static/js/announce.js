/** How long an announcement will be heard, while it is written. */

import { part, setText } from "./dom.js";
import { say } from "./words.js";

/** @param {HTMLElement} sheet */
export function estimate(sheet) {
  const text = /** @type {HTMLTextAreaElement|null} */ (sheet.querySelector("[data-per-second]"));
  if (!text) return;
  const said = part(sheet, ".estimate");
  const show = () => {
    const seconds = Math.ceil(text.value.trim().length / Number(text.dataset.perSecond));
    setText(said, seconds ? say("announce.about", { seconds: String(seconds) }) : "");
  };
  text.addEventListener("input", show);
  show();
}
