/** What happened on a call: sentences, and behind each, for those who may read it, its raw form. */

import { timeOfDay } from "./clock.js";
import { make, setAttribute } from "./dom.js";
import { say } from "./words.js";

/** @typedef {{at: string, kind: string, text: string, evidence: string|null}} Entry */

export class Timeline {
  /** Kept while they are shown: what somebody has opened stays open. @type {Map<string, HTMLElement>} */
  #items = new Map();

  /** @param {HTMLElement} list */
  constructor(list) {
    this.list = list;
  }

  /** @param {string} call @param {Entry[]} entries newest first */
  show(call, entries) {
    const items = new Map(entries.map((entry) => {
      const key = `${entry.evidence} ${entry.text}`;
      return [key, this.#items.get(key) ?? makeItem(call, entry)];
    }));
    for (const [key, item] of this.#items) if (!items.has(key)) item.remove();
    this.#items = items;
    let place = this.list.firstElementChild;
    for (const item of items.values()) {
      if (item === place) place = place.nextElementSibling;
      else this.list.insertBefore(item, place);
    }
  }
}

/** @param {string} call @param {Entry} entry @returns {HTMLElement} */
function makeItem(call, { at, kind, text, evidence }) {
  const item = make("li", "");
  item.dataset.kind = kind;
  const time = make("time", "", timeOfDay(at));
  time.setAttribute("datetime", at);
  const said = make("span", "said", text);
  item.append(time, said);
  if (evidence && document.body.dataset.raw === "yes") {
    said.append(" ", rawLink(`/conferences/${call}/evidence/${evidence}/`, text, item));
  }
  return item;
}

/** Opens under its item; without scripts, or in another tab, it is a page. */
/** @param {string} address @param {string} text @param {HTMLElement} item @returns {HTMLElement} */
function rawLink(address, text, item) {
  const link = make("a", "raw-link", say("raw"));
  link.setAttribute("href", address);
  link.setAttribute("aria-label", say("raw_of", { text }));
  link.setAttribute("aria-expanded", "false");
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    void toggle(link, address, item);
  });
  return link;
}

/** What is read is on the record: it is fetched once. */
/** @param {HTMLElement} link @param {string} address @param {HTMLElement} item */
async function toggle(link, address, item) {
  const shown = /** @type {HTMLElement|null} */ (item.querySelector(".raw"));
  if (shown) shown.hidden = !shown.hidden;
  else {
    const box = make("pre", "raw", "…");
    box.tabIndex = 0;
    item.append(box);
    const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok) box.classList.add("failed");
    box.textContent = answer?.ok ? JSON.stringify(await answer.json(), null, 1) : say("raw_failed");
  }
  setAttribute(link, "aria-expanded", String(shown ? !shown.hidden : true));
}
