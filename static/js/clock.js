/** Time as the server has it: a laptop's clock may be minutes wrong. */

let offset = 0;

/** @param {string} at the server's time in a frame that has just come */
export function setServerTime(at) {
  offset = Date.parse(at) - Date.now();
}

/** @returns {number} milliseconds, the server's clock */
export function now() {
  return Date.now() + offset;
}

/** @param {number} seconds @returns {string} 0:34, 12:05, 1:02:03 */
export function span(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const rest = String(whole % 60).padStart(2, "0");
  const minutes = Math.floor(whole / 60);
  if (minutes < 60) return `${minutes}:${rest}`;
  return `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
}

/** @param {string|null} at @returns {number} seconds */
export function ageOf(at) {
  return at ? (now() - Date.parse(at)) / 1000 : 0;
}

/** @param {string|null} at @returns {string} */
export function since(at) {
  return at ? span(ageOf(at)) : "";
}

/** @param {string} at @returns {string} in one figure, for sentences: 4 s, 12 min, 3 h */
export function ageText(at) {
  const seconds = Math.max(0, Math.floor(ageOf(at)));
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7200 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 3600)} h`;
}

/** @param {string|null} start @param {string|null} end @returns {string} how long it lasted */
export function between(start, end) {
  return start && end ? span((Date.parse(end) - Date.parse(start)) / 1000) : "";
}

const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const zoned = new Intl.DateTimeFormat("en-GB", {
  hour: "2-digit", minute: "2-digit", second: "2-digit", timeZoneName: "short",
});

/** @param {string|number} at @returns {string} 14:32:08 in the viewer's zone */
export function timeOfDay(at) {
  return time.format(new Date(at));
}

const minute = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const dated = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
const HALF_A_DAY = 12 * 3600;

/** @param {string} at @returns {string} 14:30 in the viewer's zone, with its date when it may be another day's */
export function minuteOfDay(at) {
  return (ageOf(at) < HALF_A_DAY ? minute : dated).format(new Date(at));
}

/** @returns {string} 14:32:08 CET */
export function clockText() {
  return zoned.format(new Date(now()));
}

/** @param {() => void} tick runs once a second */
export function everySecond(tick) {
  setInterval(tick, 1000);
}
