/** What a person means by a key or a button of the strip: which call, which command, which warning first. */

import { send, post } from "./commands.js";
import { openSheet } from "./sheets.js";
import { choose, confirm, toast } from "./notices.js";
import { blockedReason } from "./rights.js";
import { agents, agentText, callTitle, customerText, personName, present } from "./screen.js";
import * as sound from "./sound.js";
import { reason, say } from "./words.js";

/** @typedef {import("./types.js").Conference} Conference */
/** @typedef {import("./store.js").Store} Store */
/** @typedef {import("./strip.js").Strip} Strip */

const QUESTION_MS = 8000;
const SECOND_ESC_MS = 1000;
/** What is asked on a form of its own. */
const SHEETS = new Set(["dial", "announce", "cue", "identify"]);

export class Acts {
  #silencedAt = -Infinity;
  #question = 0;
  /** People whom this page muted: giving them back their voice surprises nobody. @type {Set<string>} */
  #mutedHere = new Set();

  /** @param {{store: Store, strip: Strip, focused: () => string}} wiring */
  constructor({ store, strip, focused }) {
    this.store = store;
    this.strip = strip;
    this.focused = focused;
  }

  /** @returns {boolean} a leg of this person may exist */
  get onCall() {
    return this.strip.button("leave") !== undefined;
  }

  /** @returns {string|null} */
  get ownCall() {
    return this.onCall ? this.strip.state?.conference ?? null : null;
  }

  /** A verb of the strip. @param {string} verb */
  async press(verb) {
    const call = this.strip.state?.conference ?? "";
    if (verb === "phone") location.assign("/me/");
    else if (verb === "close") this.strip.close();
    else if (verb === "cancel") this.strip.stopAsking();
    else if (verb === "speak") await this.speak(call);
    else if (verb === "again") await this.command("conferences", call, "listen");
    else if (verb === "leave") await this.leave();
    else await this.command("conferences", call, verb);
  }

  /** L: the focused row, else the call that this person is on. */
  async listen() {
    const call = this.focused() || this.ownCall;
    if (!call) return toast(say("choose_first"));
    await this.command("conferences", call, "listen");
  }

  /** W */
  async whisper() {
    const own = this.ownCall;
    const row = this.focused();
    if (own && row && row !== own) return toast(this.#elsewhere(own, row));
    const call = own ?? row;
    if (!call) return toast(say("choose_first"));
    await this.command("conferences", call, "whisper");
  }

  /** @param {string} own @param {string} row @returns {string} */
  #elsewhere(own, row) {
    const name = (/** @type {string} */ id) => {
      const conference = this.store.get(id);
      return conference ? callTitle(conference) : say("this_call");
    };
    return say("on_other_call", { own: name(own), other: name(row) });
  }

  /** C: a cue to the agent of the strip's call, else of the focused row. */
  async cue() {
    const call = this.ownCall ?? this.focused();
    const conference = this.store.get(call);
    if (!conference) return toast(say("choose_first"));
    const off = blockedReason(conference, "cue");
    if (off) return toast(off, { error: true });
    const agent = await this.#agent(conference);
    if (agent) await this.command("participants", agent, "cue", conference.id);
  }

  /** @param {Conference} conference @returns {Promise<string|null>} its agent; of several the chosen one */
  async #agent(conference) {
    const here = agents(conference).filter(present);
    if (here.length < 2) return here[0]?.id ?? null;
    return choose(here.map((one) => ({ id: one.id, name: personName(conference, one) })), say("cue.choose"));
  }

  /** M */
  async silence() {
    const own = this.ownCall;
    if (!own) return toast(say("not_on_call"));
    if (!this.strip.audible && !this.strip.state?.striped) return toast(say("already_silent"));
    await this.command("conferences", own, "listen");
  }

  /** B held for long enough, or the strip's button. */
  async bargeHeld() {
    const own = this.ownCall;
    if (!own) return toast(say("listen_first"));
    const conference = this.store.get(own);
    const off = conference ? blockedReason(conference, "barge") : "";
    if (off) return toast(off, { error: true });
    await this.speak(own);
  }

  /** @param {string} call the person has confirmed that everyone shall hear them */
  async speak(call) {
    this.strip.stopAsking();
    if (!this.strip.audible) await sound.beforeBarge();
    await send({ kind: "conferences", id: call, verb: "barge", body: { confirm: true } });
  }

  /** The server says in words what barging would do; nothing is sent to the provider. @param {string} call */
  async #askBarge(call) {
    const answer = await post({ kind: "conferences", id: call, verb: "barge" });
    if (answer.data.code !== "confirm") return toast(answer.data.detail, { error: true });
    this.strip.ask(answer.data.detail);
    clearTimeout(this.#question);
    this.#question = setTimeout(() => this.strip.stopAsking(), QUESTION_MS);
  }

  async leave() {
    const own = this.strip.state?.conference;
    if (!own) return;
    const conference = this.store.get(own);
    if (conference && aloneWithCustomer(conference) && !(await this.#askLeave(conference))) return;
    const answer = await send({ kind: "conferences", id: own, verb: "leave" });
    if (answer.status !== 200 || !conference) return;
    toast(say("left", { agent: agentText(conference), customer: customerText(conference) }));
  }

  /** @param {Conference} conference @returns {Promise<boolean>} */
  #askLeave(conference) {
    const text = reason("leave_alone", { person: customerText(conference) });
    return confirm({ title: say("leave_title"), text, yes: say("leave_anyway"), no: say("stay") });
  }

  /** Esc, when no layer is open. @returns {Promise<void>} */
  async escape() {
    if (this.strip.asking) return this.strip.stopAsking();
    if (!this.onCall) return this.strip.button("close") ? this.strip.close() : undefined;
    if (this.strip.state?.wanted === "barge") {
      this.#silencedAt = performance.now();
      return this.silence();
    }
    const waiting = performance.now() - this.#silencedAt < SECOND_ESC_MS && this.strip.audible;
    if (!waiting) await this.leave();
  }

  /**
   * @param {"conferences"|"participants"} kind
   * @param {string} id
   * @param {string} verb
   * @param {string} [call] the conference of a participant
   */
  async command(kind, id, verb, call = id) {
    const conference = this.store.get(call);
    const person = conference?.participants.find((one) => one.id === id);
    const off = conference ? blockedReason(conference, verb, person) : "";
    if (off) return toast(off, { error: true });
    if (SHEETS.has(verb)) return openSheet(`/${kind}/${id}/commands/${verb}/`);
    if (verb === "barge") return this.#askBarge(id);
    if (verb === "unmute" && conference && !(await this.#mayUnmute(conference, id))) return;
    if (verb === "recording/stop" && !(await this.#mayStop(conference, id))) return;
    const body = verb === "whisper" && conference ? await this.#target(conference) : {};
    if (!body) return;
    if (verb === "whisper" && !this.strip.audible) await sound.beforeWhisper();
    if (conference && !asksFirst(verb)) toast(say(`doing.${verb}`, this.#names(conference, id)));
    const answer = await send({ kind, id, verb, body });
    if (verb === "mute" && answer.status < 300) this.#mutedHere.add(id);
  }

  /** @param {string} id @param {string} verb delete, which the server asks about */
  async recording(id, verb) {
    await send({ kind: "recordings", id, verb });
  }

  /** Of somebody who was dialled. @param {string} id @param {string} verb again, or cancel */
  async dial(id, verb) {
    const answer = await send({ kind: "dials", id, verb });
    if (answer.status < 300) toast(say(`dial.${verb}`));
  }

  /** @param {Conference} conference @param {string} id @returns {Record<string, string>} */
  #names(conference, id) {
    const person = conference.participants.find((one) => one.id === id);
    const who = person ? personName(conference, person) : callTitle(conference);
    return { who, call: callTitle(conference), agent: agentText(conference) };
  }

  /** @param {Conference} conference @returns {Promise<Record<string, string>|null>} whom to whisper to */
  async #target(conference) {
    const present_ = agents(conference).filter(present);
    if (present_.length < 2) return {};
    const people = present_.map((one) => ({ id: one.id, name: personName(conference, one) }));
    const participant = await choose(people);
    return participant ? { participant } : null;
  }

  /** @param {Conference|undefined} conference @param {string} id @returns {Promise<boolean>} */
  #mayStop(conference, id) {
    const sentence = reason(conference?.id === id ? "stop_recording" : "stop_leg_recording");
    const [title, ...rest] = sentence.split(/(?<=\?)\s+/);
    return confirm({ title, text: rest.join(" "), yes: say("recording.do.stop"), no: say("recording.keep") });
  }

  /** @param {Conference} conference @param {string} id @returns {Promise<boolean>} */
  async #mayUnmute(conference, id) {
    if (this.#mutedHere.delete(id)) return true;
    const { who } = this.#names(conference, id);
    const text = reason("unmute_other", { other: say("somebody_else"), person: who });
    return confirm({ title: say("unmute_title", { who }), text, yes: say("verb.unmute"), no: say("verb.cancel") });
  }
}

/** @param {string} verb @returns {boolean} the server asks before it does this */
function asksFirst(verb) {
  return verb === "remove" || verb === "end";
}

/** @param {Conference} conference @returns {boolean} nobody but one customer would stay */
function aloneWithCustomer(conference) {
  const others = conference.participants.filter((one) => one.role !== "supervisor" && present(one));
  const supervisors = conference.participants.filter((one) => one.role === "supervisor" && present(one));
  return others.length === 1 && others[0].role !== "agent" && supervisors.length === 1;
}
