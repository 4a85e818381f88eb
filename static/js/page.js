/** The call's own page: the server's article is taken over as soon as the call is known to be live. */

import { CallView } from "./call.js";

/** @typedef {import("./store.js").Store} Store */

export class CallPage {
  #view = new CallView();

  /** @param {Store} store @param {HTMLElement} article the server's */
  constructor(store, article) {
    this.article = article;
    this.opened = article.dataset.id ?? "";
    store.subscribe(({ changed, gone }) => {
      const conference = store.get(this.opened) ?? gone.get(this.opened);
      if (conference && (changed.has(this.opened) || gone.has(this.opened))) this.#show(conference);
    });
  }

  /** @param {import("./types.js").Conference} conference */
  #show(conference) {
    this.#view.show(conference);
    if (!this.#view.node.isConnected) this.article.replaceWith(this.#view.node);
  }

  tick() {
    this.#view.tick();
  }
}
