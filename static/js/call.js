/** One call in full: in the side panel of the board, and on the call's own page. */

import { commandButton } from "./buttons.js";
import { between, since } from "./clock.js";
import { Dials } from "./dials.js";
import { clone, icon, make, part, setAttribute, setText } from "./dom.js";
import { showMatrix } from "./matrix.js";
import { checkedText } from "./lines.js";
import { People } from "./people.js";
import { Recordings } from "./recordings.js";
import { blockedReason } from "./rights.js";
import { chip } from "./row.js";
import { callSince, callTitle, customerText, providerName, showProvider, showRecording, warning } from "./screen.js";
import { Timeline } from "./timeline.js";
import { say } from "./words.js";

/** @typedef {import("./types.js").Conference} Conference */

const QUIET_MS = 200;
const MENU = ["announce", "refresh", "end"];

export class CallView {
  /** @type {Conference|null} */
  conference = null;
  #state = "";
  #timer = 0;

  constructor() {
    this.node = clone("#call");
    this.people = new People(part(this.node, ".people"));
    this.dials = new Dials(part(this.node, ".dials"));
    this.recordings = new Recordings(part(this.node, ".recordings"));
    this.timeline = new Timeline(part(this.node, ".timeline"));
    const ask = commandButton("refresh", "small");
    part(this.node, ".call-warning button").replaceWith(ask);
    const dial = commandButton("dial", "small");
    part(this.node, ".call-dial").replaceChildren(dial);
    this.commands = [...commandButtons(part(this.node, ".call-commands")), ask, dial];
  }

  /** @param {Conference} conference */
  show(conference) {
    const other = this.conference?.id !== conference.id;
    this.conference = conference;
    setAttribute(this.node, "data-id", conference.id);
    this.#showHead(conference);
    this.#showDetails(conference);
    this.people.show(conference);
    for (const button of this.commands) setCommand(button, conference);
    this.tick();
    if (other) this.#clear();
    this.#refreshSoon(other ? 0 : QUIET_MS);
  }

  /** @param {Conference} conference */
  #showHead(conference) {
    setText(part(this.node, ".call-name"), callTitle(conference));
    setText(part(this.node, ".fact-customer"), customerText(conference));
    showProvider(part(this.node, ".provider"), conference.provider);
    showRecording(part(this.node, ".rec"), conference);
    setText(part(this.node, ".fact-team"), conference.team?.name ?? say("no_team"));
    if (this.#state === conference.state) return;
    this.#state = conference.state;
    part(this.node, ".call-chip").replaceChildren(chip(conference.state));
  }

  /** @param {Conference} conference */
  #showDetails(conference) {
    setText(part(this.node, ".detail-name"), conference.friendly_name ?? say("not_said"));
    setText(part(this.node, ".detail-account"), `${providerName(conference.provider)} · ${conference.account}`);
    setText(part(this.node, ".detail-sid"), conference.sid);
    setAttribute(part(this.node, ".story-file"), "href", `/conferences/${conference.id}/story.json`);
  }

  /** What another call left behind goes at once. */
  #clear() {
    part(this.node, ".hears-whom").replaceChildren();
    this.timeline.show("", []);
    this.dials.show([]);
    if (this.conference) this.recordings.show(this.conference, []);
  }

  tick() {
    const conference = this.conference;
    if (!conference) return;
    const ended = conference.state === "ended";
    const start = callSince(conference);
    setText(part(this.node, ".fact-call"), ended ? between(start, conference.ended_at) : since(start));
    setText(part(this.node, ".fact-state"), ended ? "" : say("in_state", { time: since(conference.state_since) }));
    setText(part(this.node, ".fact-checked"), ended || conference.stale ? "" : checkedText(conference));
    setText(part(this.node, ".detail-checked"),
      conference.verified_at ? say("ago", { time: since(conference.verified_at) }) : say("not_said"));
    const doubt = warning(conference);
    setText(part(this.node, ".call-warning-text"), doubt);
    part(this.node, ".call-warning").hidden = doubt === "";
    this.people.tick();
    this.dials.tick();
  }

  /** @param {number} wait */
  #refreshSoon(wait) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#refresh(), wait);
  }

  async #refresh() {
    const conference = this.conference;
    if (!conference) return;
    const [hears, timeline, dials, recordings] = await Promise.all([
      fetchJson(`/conferences/${conference.id}/hears/`),
      fetchJson(`/api/v1/conferences/${conference.id}/timeline/`),
      fetchJson(`/api/v1/conferences/${conference.id}/dials/`),
      fetchJson(`/api/v1/conferences/${conference.id}/recordings/`),
    ]);
    if (this.conference?.id !== conference.id) return;
    if (hears) showMatrix(part(this.node, ".hears-whom"), hears, this.conference);
    if (recordings) this.recordings.show(this.conference, recordings.results);
    if (dials) this.dials.show(dials);
    if (timeline) this.timeline.show(conference.id, timeline.results);
  }
}

/** @param {string} url @returns {Promise<any>} null when it could not be read */
async function fetchJson(url) {
  const answer = await fetch(url, { headers: { Accept: "application/json" } }).catch(() => null);
  return answer?.ok ? answer.json() : null;
}

/** @param {HTMLElement} box @returns {HTMLButtonElement[]} */
function commandButtons(box) {
  const row = ["listen", "whisper", "barge"].map((verb) => commandButton(verb));
  const menu = MENU.map((verb) => commandButton(verb, "plain"));
  menu[menu.length - 1].classList.add("danger");
  const more = make("details", "more");
  const summary = make("summary", "button plain");
  summary.setAttribute("aria-label", say("more"));
  summary.append(icon("ellipsis"));
  const list = make("div", "menu");
  list.append(...menu);
  more.append(summary, list);
  box.replaceChildren(...row, more);
  return [...row, ...menu];
}

/** @param {HTMLButtonElement} button @param {Conference} conference */
function setCommand(button, conference) {
  const verb = button.dataset.verb ?? "";
  const reason = blockedReason(conference, verb);
  const name = verb === "announce" ? "verb.announce_all" : `verb.${verb}`;
  setText(part(button, "span"), say(name, { provider: providerName(conference.provider) }));
  setAttribute(button, "formaction", `/conferences/${conference.id}/commands/${verb}/`);
  setAttribute(button, "aria-disabled", reason ? "true" : null);
  setAttribute(button, "title", reason || null);
}
