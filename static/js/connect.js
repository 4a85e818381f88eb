/** /connect/: texts to copy, and lights that come on by themselves. The page is complete without. */

import { make, part, setAttribute, setText } from "./dom.js";
import { toast } from "./notices.js";

/** @typedef {{name: string, on: boolean, text: string}} Light */

const EVERY_MS = 3000;

/** @param {HTMLButtonElement} button */
function copies(button) {
  button.hidden = false;
  button.onclick = () => {
    const source = document.getElementById(button.dataset.copy ?? "");
    if (!source) return;
    navigator.clipboard.writeText(source.textContent ?? "").then(
      () => toast("Copied"),
      () => getSelection()?.selectAllChildren(source), // without the right to the clipboard: marked, to be copied by hand
    );
  };
}

/** @param {HTMLElement} page */
async function follow(page) {
  const answer = await fetch(page.dataset.follow ?? "", { headers: { Accept: "application/json" } }).catch(() => null);
  if (answer?.ok && !answer.redirected) {
    /** @type {{lights: Light[], troubles: string[]}} */
    const told = await answer.json();
    for (const light of told.lights) show(part(page, `[data-light="${light.name}"]`), light);
    part(page, ".connect-troubles").replaceChildren(...told.troubles.map((text) => make("p", "notice error", text)));
  }
  setTimeout(() => void follow(page), EVERY_MS);
}

/** @param {HTMLElement} node @param {Light} light */
function show(node, light) {
  setAttribute(node, "data-on", light.on ? "yes" : "no");
  setText(part(node, "[data-word]"), light.on ? ": yes" : ": not yet");
  setText(part(node, ".light-text"), light.text);
}

for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-copy]"))) {
  copies(button);
}
const page = /** @type {HTMLElement|null} */ (document.querySelector("[data-follow]"));
if (page) setTimeout(() => void follow(page), EVERY_MS);
