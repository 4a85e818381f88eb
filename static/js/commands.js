/** Sends a command over HTTP and says what came back. The socket alone changes what the page shows. */

import { confirm, toast } from "./notices.js";
import { say } from "./words.js";

/**
 * @typedef {object} Command
 * @property {"conferences"|"participants"|"dials"|"recordings"} kind
 * @property {string} id
 * @property {string} verb
 * @property {Record<string, unknown>} [body]
 *
 * @typedef {{status: number, data: any}} Answer status 0: the server could not be reached
 */

/** @type {Record<string, {yes: string, no: string, hold?: number}>} */
const QUESTIONS = {
  end: { yes: "End call for everyone", no: "Keep the call", hold: 1 },
  remove: { yes: "Take off", no: "Keep" },
  delete: { yes: "Delete", no: "Keep" },
};

/** @param {Command} command @returns {Promise<Answer>} */
export async function send(command) {
  const answer = await post(command);
  if (answer.status === 409 && answer.data.code === "confirm") return ask(command, answer.data);
  if (answer.status === 0 || answer.status >= 400) toast(answer.data.detail, { error: true });
  return answer;
}

/**
 * The server has computed what will happen; the person says yes to exactly that.
 * @param {Command} command
 * @param {{detail: string, confirm: string}} outcome
 * @returns {Promise<Answer>}
 */
async function ask(command, { detail, confirm: token }) {
  const { yes, no, hold } = QUESTIONS[command.verb] ?? { yes: say(`verb.${command.verb}`), no: "Cancel" };
  const [title, ...rest] = detail.split(/(?<=\?)\s+/);
  const agreed = await confirm({ title, text: rest.join(" "), yes, no, hold });
  if (!agreed) return { status: 409, data: { code: "confirm" } };
  return send({ ...command, body: { ...command.body, confirm: token } });
}

/** @param {Command} command @returns {Promise<Answer>} */
export async function post({ kind, id, verb, body = {} }) {
  try {
    const answer = await fetch(`/api/v1/${kind}/${encodeURIComponent(id)}/${verb}/`, {
      method: "POST",
      headers: {
        "Content-Type": "application/json",
        "Idempotency-Key": crypto.randomUUID(),
        "X-CSRFToken": csrfToken(),
      },
      body: JSON.stringify(body),
    });
    return { status: answer.status, data: await answer.json().catch(() => ({ detail: say("unreadable") })) };
  } catch {
    return { status: 0, data: { detail: say("unreachable") } };
  }
}

/** @returns {string} */
function csrfToken() {
  const field = document.querySelector("#commands [name=csrfmiddlewaretoken]");
  return /** @type {HTMLInputElement} */ (field).value;
}
