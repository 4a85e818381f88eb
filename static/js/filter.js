/** Which calls the list shows: one team, and a search. Numbers are searched on the server, which may see them. */

import { searchText } from "./screen.js";

/** @typedef {import("./types.js").Conference} Conference */

const TYPING_MS = 300;
const DIGITS_TO_ASK = 4;

export class Filter {
  #timer = 0;
  /** What the server found for the present search. @type {Set<string>} */
  #found = new Set();

  /** @param {() => void} onChange */
  constructor(onChange) {
    this.onChange = onChange;
    const params = new URLSearchParams(location.search);
    this.team = params.get("team") ?? "";
    this.query = (params.get("q") ?? "").trim().toLowerCase();
    this.#ask();
    document.querySelector(".search")?.addEventListener("submit", (event) => event.preventDefault());
    document.getElementById("q")?.addEventListener("input", (event) => this.#typed(event));
    document.querySelector(".tabs")?.addEventListener("click", (event) => this.#tab(event));
    document.querySelector(".team-form button")?.setAttribute("hidden", "");
    document.getElementById("team")?.addEventListener("change", (event) => {
      this.#setTeam(/** @type {HTMLSelectElement} */ (event.target).value);
    });
  }

  /** @param {Conference} conference @returns {boolean} */
  passes(conference) {
    if (this.team && String(conference.team?.id) !== this.team) return false;
    return !this.query || this.#found.has(conference.id) || searchText(conference).includes(this.query);
  }

  /** @param {Event} event */
  #typed(event) {
    this.query = /** @type {HTMLInputElement} */ (event.target).value.trim().toLowerCase();
    this.#found.clear();
    this.#changed();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), TYPING_MS);
  }

  async #ask() {
    const asked = this.query;
    if (asked.replace(/\D/g, "").length < DIGITS_TO_ASK) return;
    const url = `/api/v1/conferences/?${new URLSearchParams({ q: asked, page_size: "500" })}`;
    const answer = await fetch(url).catch(() => null);
    if (!answer?.ok || asked !== this.query) return;
    const { results } = await answer.json();
    this.#found = new Set(results.map((/** @type {Conference} */ one) => one.id));
    this.onChange();
  }

  /** @param {Event} event */
  #tab(event) {
    const tab = /** @type {Element} */ (event.target).closest("a.tab");
    if (!tab) return;
    event.preventDefault();
    this.#setTeam(/** @type {HTMLElement} */ (tab).dataset.team ?? "");
  }

  /** @param {string} team */
  #setTeam(team) {
    this.team = team;
    for (const tab of document.querySelectorAll("a.tab")) {
      if (/** @type {HTMLElement} */ (tab).dataset.team === team) tab.setAttribute("aria-current", "true");
      else tab.removeAttribute("aria-current");
    }
    const select = /** @type {HTMLSelectElement|null} */ (document.getElementById("team"));
    if (select) select.value = team;
    this.#changed();
  }

  #changed() {
    const params = new URLSearchParams();
    if (this.team) params.set("team", this.team);
    if (this.query) params.set("q", this.query);
    history.replaceState(null, "", params.size ? `?${params}` : location.pathname);
    this.onChange();
  }
}
