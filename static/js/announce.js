/** How long an announcement will be heard, while it is written. */

import { part, setText } from "./dom.js";
import { say } from "./words.js";

/** @param {HTMLElement} sheet */
export function estimate(sheet) {
  const text = /** @type {HTMLTextAreaElement|null} */ (sheet.querySelector("[data-signs-a-second]"));
  if (!text) return;
  const sound = /** @type {HTMLSelectElement|null} */ (sheet.querySelector("[name=asset]"));
  const said = part(sheet, ".estimate");
  const show = () => {
    const seconds = Number(sound?.selectedOptions[0]?.dataset.seconds ?? 0) || spoken(text);
    setText(said, seconds ? say("announce.about", { seconds: String(Math.max(1, Math.round(seconds))) }) : "");
  };
  text.addEventListener("input", show);
  sound?.addEventListener("change", show);
  show();
}

/** Digits are read one by one. @param {HTMLTextAreaElement} text @returns {number} seconds */
function spoken(text) {
  const digits = text.value.replace(/\D/g, "").length;
  const { digitsASecond, signsASecond } = text.dataset;
  return digits / Number(digitsASecond) + (text.value.trim().length - digits) / Number(signsASecond);
}
