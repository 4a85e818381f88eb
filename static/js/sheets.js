/** Forms of the server's own pages, opened over this one: without scripts the same links lead to the pages. */

import { book } from "./book.js";
import { cards } from "./cue.js";
import { byId, make, part, setAttribute } from "./dom.js";
import { estimate } from "./announce.js";
import { confirm, toast } from "./notices.js";
import { say } from "./words.js";

const HTML = { Accept: "text/html" };
const JSON_ = { Accept: "application/json" };
/** What is wrong with it is known by then; what is waited for after that shows on the page. */
const EARLY_MS = 600;
/** What makes a form more than its fields, where it has the parts for it. */
const EXTRAS = [book, cards, estimate];

/** @param {string} address of a page that holds a `.sheet` @returns {Promise<void>} */
export async function openSheet(address) {
  const sheet = await fetchSheet(address);
  if (!sheet) return toast(say("unreachable"), { error: true });
  const dialog = /** @type {HTMLDialogElement} */ (byId("sheet"));
  dialog.replaceChildren(sheet);
  enhance(sheet);
  for (const form of sheet.querySelectorAll("form")) {
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void submit(form, /** @type {HTMLButtonElement|null} */ (event.submitter));
    });
  }
  for (const link of sheet.querySelectorAll("[data-close]")) {
    link.addEventListener("click", (event) => { event.preventDefault(); dialog.close(); });
  }
  dialog.onclose = () => dialog.replaceChildren();
  dialog.showModal();
  sheet.querySelector(/** @type {"input"} */ ("[data-first], input:not([type=hidden]), textarea, button"))?.focus();
}

/** @param {HTMLElement} sheet in a dialog, or on its own page */
export function enhance(sheet) {
  for (const extra of EXTRAS) extra(sheet);
}

/**
 * The page is parsed as a document of its own, where no script runs, and its form is taken over.
 * @param {string} address
 * @returns {Promise<HTMLElement|null>}
 */
async function fetchSheet(address) {
  const answer = await fetch(address, { headers: HTML }).catch(() => null);
  if (!answer?.ok) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const sheet = page.querySelector(".sheet");
  return sheet ? document.importNode(/** @type {HTMLElement} */ (sheet), true) : null;
}

/** @param {HTMLFormElement} form @param {HTMLButtonElement|null} button @param {string} [agreed] to what was asked */
async function submit(form, button, agreed) {
  const buttons = [...form.querySelectorAll("button")];
  if (buttons.some((one) => one.disabled)) return;
  const body = new URLSearchParams(/** @type {any} */ (new FormData(form, button)));
  body.set("key", crypto.randomUUID());
  if (agreed) body.set("confirm", agreed);
  for (const one of buttons) one.disabled = true;
  const early = form.dataset.early ? setTimeout(close, EARLY_MS) : 0;
  const { ok, data } = await post(form.action, body);
  clearTimeout(early);
  for (const one of buttons) one.disabled = false;
  if (ok) return done(data);
  if (!form.isConnected) return toast(data.detail, { error: true });
  if (data.code !== "confirm") return showWrong(form, data);
  if (await agree(data.detail, button)) return submit(form, button, data.confirm);
}

/** @param {string} address @param {URLSearchParams} body @returns {Promise<{ok: boolean, data: any}>} */
async function post(address, body) {
  try {
    const answer = await fetch(address, { method: "POST", headers: JSON_, body });
    return { ok: answer.ok, data: await answer.json().catch(() => ({ detail: say("unreadable") })) };
  } catch {
    return { ok: false, data: { detail: say("unreachable") } };
  }
}

/** @param {{detail: string}} data */
function done({ detail }) {
  close();
  toast(detail);
}

function close() {
  /** @type {HTMLDialogElement} */ (byId("sheet")).close();
}

/** @param {string} text @param {HTMLButtonElement|null} button @returns {Promise<boolean>} */
function agree(text, button) {
  return confirm({ title: button?.dataset.ask ?? "", text, yes: button?.textContent ?? "", no: say("verb.cancel") });
}

/**
 * What is wrong is said at its field, the rest above the form. The first of them gets the focus.
 * @param {HTMLFormElement} form
 * @param {{detail: string, fields?: Record<string, string[]>}} data
 */
function showWrong(form, { detail, fields = {} }) {
  for (const field of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-field]"))) {
    showErrors(field, fields[field.dataset.field ?? ""] ?? []);
  }
  const placed = Object.keys(fields).filter((name) => form.querySelector(`[data-field="${CSS.escape(name)}"]`));
  const rest = Object.entries(fields).filter(([name]) => !placed.includes(name)).map(([name, said]) => `${name}: ${said}`);
  const above = part(form.closest(".sheet") ?? form, ".sheet-error");
  above.hidden = placed.length > 0 && rest.length === 0;
  above.textContent = [detail, ...rest].join(" ");
  if (!above.hidden) above.scrollIntoView({ block: "nearest" });
  const first = /** @type {HTMLElement|null} */ (form.querySelector("[aria-invalid=true]"));
  first?.closest("details")?.setAttribute("open", "");
  first?.focus();
}

/** @param {HTMLElement} field @param {string[]} errors */
function showErrors(field, errors) {
  const list = /** @type {HTMLElement|null} */ (field.querySelector(".errorlist"));
  if (!list) return;
  list.replaceChildren(...errors.map((error) => make("li", "", error)));
  list.hidden = errors.length === 0;
  field.classList.toggle("wrong", errors.length > 0);
  const control = field.querySelector("input, select, textarea");
  if (control) setAttribute(control, "aria-invalid", errors.length ? "true" : null);
}
