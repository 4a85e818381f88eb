/** The words of the screen. They stand once, on the server, and come with the page. */

/** @type {Map<string, string>} */
const phrases = new Map();

/** @type {Record<string, string>} */
let reasons = {};

/** Reads the phrases that the page brought. */
function load() {
  const template = /** @type {HTMLTemplateElement} */ (document.getElementById("phrases"));
  for (const node of template.content.children) {
    phrases.set(/** @type {HTMLElement} */ (node).dataset.key ?? "", node.textContent ?? "");
  }
}

/** @param {string} key @returns {boolean} whether the page brought this phrase */
export function has(key) {
  if (phrases.size === 0) load();
  return phrases.has(key);
}

/**
 * @param {string} key
 * @param {Record<string, string>} [values] for the places in braces
 * @returns {string}
 */
export function say(key, values = {}) {
  if (phrases.size === 0) load();
  const phrase = phrases.get(key);
  if (phrase === undefined) throw new Error(`No phrase ${key}.`);
  return fill(phrase, values);
}

/** @param {string} text @param {Record<string, string>} values @returns {string} */
function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (place, name) => values[name] ?? place);
}

/** Fetches the catalogue of reasons: why a button is off. */
export async function loadReasons() {
  const answer = await fetch("/api/v1/words/", { headers: { Accept: "application/json" } });
  if (answer.ok) reasons = await answer.json();
}

/**
 * @param {string} code a reason code
 * @param {Record<string, string>} [values]
 * @returns {string} its sentence
 */
export function reason(code, values = {}) {
  return fill(reasons[code] ?? say("blocked"), values);
}
