/** The picture that stands for the video until somebody plays it: the person may choose its moment, or leave it to us. */
import { spoken } from "./durations.js";
import { drawPicture, Frames } from "./filmstrip.js";
import { announce, drawStill, part } from "./screens.js";
import { t } from "./text.js";

const PICTURES = 8;
const LAST_SECONDS = 0.1; // at the very end there is no picture any more

let chosen = /** @type {number | null} */ (null);
/** @type {import("./clip.js").Clip} */
let clip;
let player = /** @type {HTMLVideoElement} */ (/** @type {unknown} */ (null));
let frames = /** @type {Frames | null} */ (null);
let changed = () => {};
let shown = ""; // the range that the small pictures are of

/** A new clip. @param {boolean} possible whether it has pictures @param {number | null} [at] the moment that was chosen before */
export function reset(possible, at = null) {
  chosen = possible ? at : null;
  shown = "";
  close();
  part("poster-pictures").replaceChildren();
  part("poster-chip").hidden = !possible;
  draw();
}

/** Seconds in the whole clip; nothing while none is chosen, or while it lies in what was cut. @returns {{poster?: number}} */
export function marks() {
  return chosen !== null && isKept(chosen) ? { poster: Math.round(chosen * 100) / 100 } : {};
}

/** @param {number} at */
const isKept = (at) => at >= clip.from && at <= clip.to;
const isOpen = () => part("poster-chip").getAttribute("aria-expanded") === "true";

export function draw() {
  const on = "poster" in marks();
  part("poster-words").textContent = on ? t("Your picture") : t("Choose the picture");
  part("poster-face").hidden = !on;
  part("poster-icon").toggleAttribute("hidden", on);
  part("poster-none").classList.toggle("off", !on);
  for (const button of part("poster-pictures").children) {
    button.setAttribute("aria-pressed", String(on && button.getAttribute("data-at") === String(chosen)));
  }
  if (isOpen() && shown !== range()) void fill();
}

const range = () => `${clip.from}-${clip.to}`;

/** Small pictures of what is kept, one after the other. */
async function fill() {
  shown = range();
  frames?.close();
  const mine = (frames = new Frames(clip.segments));
  const buttons = Array.from({ length: PICTURES }, (_, index) => {
    const at = clip.from + ((index + 0.5) / PICTURES) * (clip.to - clip.from);
    const button = Object.assign(document.createElement("button"), { type: "button", className: "moment" });
    button.dataset.at = String(at);
    button.setAttribute("aria-label", t("The picture at {time}", { time: spoken(at) }));
    button.append(document.createElement("canvas"));
    button.addEventListener("click", () => void choose(at));
    return button;
  });
  part("poster-pictures").replaceChildren(...buttons);
  draw();
  for (const button of buttons) {
    if (!(await mine.draw(/** @type {HTMLCanvasElement} */ (button.firstChild), Number(button.dataset.at)))) break;
  }
  mine.close();
}

/** The large picture goes there too, so that one sees what one has chosen. @param {number} at */
async function choose(at) {
  chosen = Math.max(clip.from, Math.min(at, clip.to - LAST_SECONDS));
  changed();
  clip.pause();
  await picture(chosen);
  announce(t("Your picture is the one at {time}.", { time: spoken(chosen) }));
}

/** @param {number} at */
async function picture(at) {
  await clip.seek(at);
  drawPicture(/** @type {HTMLCanvasElement} */ (part("poster-face")), player);
  drawStill(player);
  draw();
}

/** What was chosen in an earlier look is drawn again, and the clip stands where it begins. */
export async function recall() {
  if (chosen !== null && isKept(chosen)) await picture(chosen);
  await clip.seek(clip.from);
}

function open() {
  part("poster-chip").setAttribute("aria-expanded", "true");
  part("poster-panel").classList.remove("off");
  part("cut-panel").classList.add("off");
  if (shown !== range()) void fill();
}

function close() {
  part("poster-chip").setAttribute("aria-expanded", "false");
  part("poster-panel").classList.add("off");
  part("cut-panel").classList.remove("off");
  frames?.close();
  frames = null;
}

/** From inside the panel: whoever used the keyboard goes on where they opened it. */
function leave() {
  close();
  part("poster-chip").focus({ preventScroll: true });
}

/** @param {HTMLVideoElement} video @param {import("./clip.js").Clip} playing @param {() => void} onChange another picture is chosen */
export function bind(video, playing, onChange) {
  changed = onChange;
  player = video;
  clip = playing;
  part("poster-chip").addEventListener("click", () => (isOpen() ? close() : open()));
  part("poster-here").addEventListener("click", () => void choose(clip.position));
  part("poster-done").addEventListener("click", leave);
  part("poster-none").addEventListener("click", () => {
    chosen = null;
    changed();
    draw();
    announce(t("We choose a good picture for you."));
    part("poster-here").focus({ preventScroll: true }); // the button itself is gone now
  });
  part("poster-panel").addEventListener("keydown", ({ key }) => { if (key === "Escape") leave(); });
}
