/** Buttons that send a command: they belong to the one form of the page, which works without scripts too. */

import { icon, make } from "./dom.js";
import { say } from "./words.js";

const ICONS = /** @type {Record<string, string>} */ ({ listen: "headphones", whisper: "speech", barge: "megaphone",
  dial: "user-round-plus" });

/** @param {string} verb @param {string} [look] @returns {HTMLButtonElement} */
export function commandButton(verb, look = "") {
  const button = /** @type {HTMLButtonElement} */ (make("button", `button ${look}`.trim()));
  button.type = "submit";
  button.setAttribute("form", "commands");
  button.dataset.verb = verb;
  if (ICONS[verb]) button.append(icon(ICONS[verb]));
  button.append(make("span", "", say(`verb.${verb}`)));
  return button;
}
