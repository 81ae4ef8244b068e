/** The page's own DOM: which screen is on, where focus goes, what is announced. Knows nothing of cameras or uploads. */
import { copyText } from "./environment.js";
import { say } from "./messages.js";
import { problem as problemFor } from "./problems.js";

const OVER_CAMERA = new Set(["check", "record"]);
const BACK_FROM = new Set(["check", "review", "details", "problem"]);

/** @template {HTMLElement} [T=HTMLElement] @param {string} name @returns {T} */
export const part = (name) => /** @type {T} */ (document.querySelector(`[data-part="${name}"]`));
/** @param {string} name @returns {HTMLElement[]} */
export const parts = (name) => [...document.querySelectorAll(`[data-part="${name}"]`)].map((node) => /** @type {HTMLElement} */ (node));
/** @param {string} name @returns {HTMLButtonElement} */
export const act = (name) => /** @type {HTMLButtonElement} */ (document.querySelector(`[data-act="${name}"]`));

/** @param {string} name @param {string} words */
export function write(name, words) {
  const node = part(name);
  if (node.textContent !== words) node.textContent = words;
}

let current = "welcome";
export const screen = () => current;

/** One polite region for the whole page. @param {string} words */
export function announce(words) {
  const region = part("status");
  region.textContent = "";
  requestAnimationFrame(() => { region.textContent = words; });
}

/** @param {string} name */
export function show(name) {
  current = name;
  part("by-hand").hidden = true;
  for (const section of document.querySelectorAll("[data-screen]")) {
    const on = section.getAttribute("data-screen") === name;
    section.classList.toggle("on", on);
    section.toggleAttribute("hidden", !on);
  }
  document.body.classList.toggle("live-camera", OVER_CAMERA.has(name));
  document.body.classList.toggle("recording", name === "record");
  part("cam").hidden = !OVER_CAMERA.has(name);
  act("back").hidden = !BACK_FROM.has(name);
  scrollTo({ top: 0, behavior: "instant" });
  const heading = document.querySelector(`[data-screen="${name}"] h1`);
  if (heading instanceof HTMLElement) heading.focus({ preventScroll: true });
}

/** @param {string} kind @param {{detail?: string, limit?: string, found?: string}} [context] */
export function showProblem(kind, context) {
  const { icon, title, words, steps = [], safe = "", main, ways } = problemFor(kind, context);
  for (const node of part("problem-badge").children) {
    node.toggleAttribute("hidden", node.getAttribute("data-icon") !== icon);
  }
  write("problem-title", title);
  write("problem-words", words);
  const list = part("problem-steps");
  list.hidden = steps.length === 0;
  list.replaceChildren(...steps.map(numbered));
  part("problem-safe").hidden = !safe;
  /** @type {HTMLElement} */ (part("problem-safe").querySelector("span")).textContent = safe;
  fillButton(/** @type {HTMLButtonElement} */ (part("problem-main")), main);
  part("problem-ways").replaceChildren(...ways.map((way) => {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "way" });
    fillButton(button, way);
    return button;
  }));
  show("problem");
}

/** @param {string} step @param {number} index */
function numbered(step, index) {
  const item = document.createElement("li");
  const number = Object.assign(document.createElement("b"), { textContent: String(index + 1) });
  number.setAttribute("aria-hidden", "true");
  item.append(number, Object.assign(document.createElement("span"), { textContent: step }));
  return item;
}

/** @param {HTMLButtonElement} button @param {import("./problems.js").Way} way */
function fillButton(button, [label, action, image]) {
  button.replaceChildren(icon(image), Object.assign(document.createElement("span"), { textContent: label }));
  button.dataset.act = action;
}

/** From the same sprite as those of the page. @param {string} name */
function icon(name) {
  const node = /** @type {SVGElement} */ (part("bar").querySelector("svg")?.cloneNode(true));
  const use = node.querySelector("use");
  use?.setAttribute("href", (use.getAttribute("href") ?? "").replace(/#.*/, `#i-${name}`));
  node.setAttribute("class", "i");
  return node;
}

/** @param {string} name @param {number} fraction 0 to 1, of a circle whose pathLength is 100 */
export function drawArc(name, fraction) {
  // A round cap paints a dot even on nothing, so nothing is a dash of length zero and no cap.
  const arc = part(name);
  const length = Math.min(1, Math.max(0, fraction)) * 100;
  arc.style.strokeDasharray = `${length.toFixed(2)} 100`;
  arc.style.strokeLinecap = length < 0.5 ? "butt" : "round";
}

/** A still of the take for the sending and thanks screens. @param {HTMLVideoElement} video @returns {boolean} drawn */
export function drawStill(video) {
  if (video.videoWidth === 0 || video.readyState < 2) return false;
  for (const node of parts("still")) {
    const canvas = /** @type {HTMLCanvasElement} */ (/** @type {unknown} */ (node));
    canvas.width = 480;
    canvas.height = Math.round((480 * video.videoHeight) / video.videoWidth);
    canvas.getContext("2d")?.drawImage(video, 0, 0, canvas.width, canvas.height);
  }
  return true;
}

/** The words of a button change for a moment, then return. @param {HTMLElement} node @param {string} words */
export function flash(node, words) {
  const before = node.dataset.words ?? node.textContent ?? "";
  node.dataset.words = before;
  node.textContent = words;
  announce(words);
  setTimeout(() => {
    if (node.textContent === words) node.textContent = before;
    delete node.dataset.words;
  }, 2500);
}

/** To the clipboard, or where it is closed into a field below the button, to be copied by hand. @param {HTMLElement} button @param {string} url */
export async function copyLink(button, url) {
  const label = /** @type {HTMLElement} */ (button.querySelector("span") ?? button);
  if (await copyText(url)) return flash(label, say.copied);
  const place = part("by-hand");
  (button.closest(".alt, .ways") ?? button).after(place);
  place.hidden = false;
  const field = /** @type {HTMLInputElement} */ (place.querySelector("input"));
  field.value = url;
  field.focus();
  field.select();
  announce(say.copyFailed);
}
