/** The socket `/ws/board/`: numbered frames in, acknowledgements out, and coming back when it breaks. */

import { setServerTime } from "./clock.js";

/**
 * @typedef {object} Listener
 * @property {(frame: any) => void} onFrame
 * @property {() => void} onLive the first snapshot after being lost
 * @property {(since: number) => void} onLost no frame for too long; `since` is the time of the last one
 * @property {() => void} onSignedOut
 * @property {() => void} onDenied
 */

const FIRST_WAIT = 500;
const LONGEST_WAIT = 5000;
const REFUSALS_BEFORE_ASKING = 3;
const ABNORMAL = 1006;

export class BoardSocket {
  /** @type {WebSocket|null} */
  #socket = null;
  #listener;
  #sequence = 0;
  #lastFrame = Date.now();
  #live = false;
  #lost = false;
  #attempts = 0;
  #refusals = 0;
  #timer = 0;
  #notLive = 12000;
  /** When the next attempt is made, milliseconds of this machine's clock; 0 while connected. */
  nextAttempt = 0;

  /** @param {Listener} listener */
  constructor(listener) {
    this.#listener = listener;
  }

  start() {
    document.addEventListener("visibilitychange", () => this.#wake());
    addEventListener("pageshow", () => this.#wake());
    setInterval(() => this.#watch(), 1000);
    this.#connect();
  }

  get live() {
    return this.#live && !this.#lost;
  }

  #connect() {
    clearTimeout(this.#timer);
    this.nextAttempt = 0;
    this.#sequence = 0;
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    const socket = new WebSocket(`${scheme}//${location.host}/ws/board/`);
    this.#socket = socket;
    socket.onopen = () => { this.#refusals = 0; };
    socket.onmessage = (message) => this.#receive(socket, message.data);
    socket.onclose = (event) => this.#closed(socket, event.code);
  }

  /** @param {WebSocket} socket @param {string} text */
  #receive(socket, text) {
    if (socket !== this.#socket) return;
    const frame = JSON.parse(text);
    if (!this.#inOrder(frame)) return this.#again();
    this.#lastFrame = Date.now();
    if (frame.at) setServerTime(frame.at);
    if (frame.type === "heartbeat") socket.send(JSON.stringify({ type: "ack", seq: frame.seq }));
    if (frame.type === "snapshot") this.#begun(frame);
    this.#listener.onFrame(frame);
  }

  /** @param {any} frame @returns {boolean} false: a frame is missing */
  #inOrder(frame) {
    if (frame.seq === undefined) return true;
    if (frame.type === "heartbeat") return frame.seq === this.#sequence;
    this.#sequence += 1;
    return frame.seq === this.#sequence;
  }

  /** @param {any} snapshot */
  #begun(snapshot) {
    this.#attempts = 0;
    this.#notLive = snapshot.timing.not_live_s * 1000;
    this.#live = true;
    this.#lost = false;
    this.#listener.onLive();
  }

  /** @param {WebSocket} socket @param {number} code */
  #closed(socket, code) {
    if (socket !== this.#socket) return;
    this.#socket = null;
    this.#live = false;
    if (code === 4401) return this.#listener.onSignedOut();
    if (code === 4403) return this.#listener.onDenied();
    if (code === ABNORMAL && ++this.#refusals >= REFUSALS_BEFORE_ASKING) this.#ask();
    this.#later();
  }

  /** A refusal before the handshake says nothing to a page, so HTTP is asked what is wrong. */
  async #ask() {
    this.#refusals = 0;
    const answer = await fetch("/api/v1/me/").catch(() => null);
    if (answer?.status === 401) this.#listener.onSignedOut();
    if (answer?.status === 403) this.#listener.onDenied();
  }

  #again() {
    const socket = this.#socket;
    this.#socket = null;
    this.#live = false;
    socket?.close();
    this.#later();
  }

  #later() {
    const wait = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#attempts) * (0.5 + Math.random());
    this.#attempts += 1;
    this.nextAttempt = Date.now() + wait;
    clearTimeout(this.#timer);
    if (!document.hidden) this.#timer = setTimeout(() => this.#connect(), wait);
  }

  #watch() {
    if (Date.now() - this.#lastFrame < this.#notLive) return;
    if (!this.#lost) {
      this.#lost = true;
      this.#listener.onLost(this.#lastFrame);
    }
    if (this.#live) this.#again();
  }

  /** Hidden tabs are frozen, not only slowed: what they hold is old when they come back. */
  #wake() {
    if (document.hidden) return;
    this.#watch();
    if (!this.#socket) this.#connect();
  }
}
