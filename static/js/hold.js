/** Buttons that act when they are held, and fill while they are. */

/**
 * @typedef {object} Hold
 * @property {number} seconds
 * @property {() => void} held
 * @property {() => void} tapped let go too early; also a screen reader's click, which cannot be held
 */

/** @param {HTMLElement} button @param {Hold} hold */
export function holdable(button, { seconds, held, tapped }) {
  let timer = 0;
  let done = false;
  const press = () => {
    clearTimeout(timer);
    done = false;
    fill(button, seconds);
    timer = setTimeout(() => { timer = 0; done = true; empty(button); held(); }, seconds * 1000);
  };
  const release = () => { clearTimeout(timer); timer = 0; empty(button); };
  button.addEventListener("pointerdown", (event) => { if (event.button === 0) press(); });
  button.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault(); // Enter would click at once
    if (!event.repeat) press();
  });
  button.addEventListener("keyup", (event) => {
    if (timer && (event.key === "Enter" || event.key === " ")) tapped();
    release();
  });
  for (const name of ["pointerup", "pointerleave", "pointercancel", "blur"]) {
    button.addEventListener(name, release);
  }
  button.addEventListener("click", (event) => {
    event.preventDefault();
    if (!done) tapped();
    done = false;
  });
}

/** @param {HTMLElement} button @param {number} seconds */
export function fill(button, seconds) {
  button.style.setProperty("--hold-time", `${seconds * 1000}ms`);
  button.classList.add("hold", "holding");
}

/** @param {HTMLElement} button */
export function empty(button) {
  button.classList.remove("holding");
}
