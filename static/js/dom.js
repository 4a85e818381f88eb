/** Finding, cloning and patching nodes. Nothing here writes markup. */

/** @param {string} id @returns {HTMLElement} */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no #${id}.`);
  return found;
}

/**
 * @template {Element} [T=HTMLElement]
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {T}
 */
export function part(root, selector) {
  const found = root.querySelector(selector);
  if (!found) throw new Error(`${selector} is missing.`);
  return /** @type {T} */ (found);
}

/**
 * The first element of a `<template>`.
 * @param {string} selector
 * @returns {HTMLElement}
 */
export function clone(selector) {
  const template = part(document, selector);
  const content = /** @type {HTMLTemplateElement} */ (template).content;
  const copy = /** @type {DocumentFragment} */ (document.importNode(content, true));
  return /** @type {HTMLElement} */ (copy.firstElementChild);
}

/** @param {Element} node @param {string} text */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** @param {Element} node @param {string} name @param {string|null} value null removes it */
export function setAttribute(node, name, value) {
  if (value === null) node.removeAttribute(name);
  else if (node.getAttribute(name) !== value) node.setAttribute(name, value);
}

/**
 * @param {string} tag
 * @param {string} className
 * @param {string} [text]
 * @returns {HTMLElement}
 */
export function make(tag, className, text) {
  const node = document.createElement(tag);
  node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

/** @param {string} name @returns {SVGElement} */
export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.append(document.createElementNS(SVG, "use"));
  setIcon(svg, name);
  return svg;
}

/** @param {Element} svg @param {string} name */
export function setIcon(svg, name) {
  setAttribute(part(svg, "use"), "href", `${document.body.dataset.icons}#${name}`);
}

/** @type {Set<() => void>} */
const waiting = new Set();

/**
 * Runs `paint` in the next animation frame; asked twice, it runs once, all in the same frame.
 * @param {() => void} paint
 */
export function inNextFrame(paint) {
  if (waiting.size === 0) requestAnimationFrame(runFrame);
  waiting.add(paint);
}

function runFrame() {
  const paints = [...waiting];
  waiting.clear();
  for (const paint of paints) paint();
}
