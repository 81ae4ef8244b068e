/** What is kept of a clip: two grips on the strip. Nothing is cut here; the marks go along with the submission. */
import { clock } from "./messages.js";
import { fineClock, spoken } from "./durations.js";
import { announce, part } from "./screens.js";
import { t } from "./text.js";

const LEAST_SECONDS = 1;
const STEP_SECONDS = 0.1;
const STRIDE_SECONDS = 1;
const SNAP_SECONDS = 0.05;

let total = 0;
let from = 0;
let to = 0;
/** @type {(at: number) => void} */
let looked = () => {};

/** A new clip, kept as the marks of an earlier look say, else all of it. @param {number} seconds @param {import("./store.js").Marks} [marks] */
export function reset(seconds, { trim_start = 0, trim_end = seconds } = {}) {
  total = seconds;
  from = Math.max(0, Math.min(trim_start, total - LEAST_SECONDS));
  to = Math.min(total, Math.max(trim_end, from + LEAST_SECONDS));
  draw();
}

/** Seconds in the whole clip. */
export const kept = () => ({ from, to });

/** What the submission says; nothing where nothing was cut. @returns {{trim_start?: number, trim_end?: number}} */
export function marks() {
  const found = /** @type {{trim_start?: number, trim_end?: number}} */ ({});
  if (from > 0) found.trim_start = round(from);
  if (to < total) found.trim_end = round(to);
  return found;
}

/** @param {number} seconds */
const round = (seconds) => Math.round(seconds * 100) / 100;

/** @param {"from" | "to"} end @param {number} seconds */
function move(end, seconds) {
  if (end === "from") {
    const at = Math.max(0, Math.min(seconds, to - LEAST_SECONDS));
    from = at < SNAP_SECONDS ? 0 : at;
  } else {
    const at = Math.min(total, Math.max(seconds, from + LEAST_SECONDS));
    to = at > total - SNAP_SECONDS ? total : at;
  }
  draw();
  looked(end === "from" ? from : to);
}

function draw() {
  const possible = total > LEAST_SECONDS + STEP_SECONDS;
  const whole = from === 0 && to === total;
  const film = part("film");
  film.style.setProperty("--from", String(total ? from / total : 0));
  film.style.setProperty("--to", String(total ? to / total : 1));
  part("cut-buttons").classList.toggle("off", !possible);
  part("use-all").classList.toggle("off", whole);
  part("kept").textContent = whole ? clock(total) : t("{kept} of {all} kept", { kept: fineClock(to - from), all: fineClock(total) });
  part("kept-from").textContent = whole ? clock(0) : fineClock(from);
  part("kept-to").textContent = whole ? clock(total) : fineClock(to);
  grip("from", from, 0, to - LEAST_SECONDS, t("Begins at {time}. You keep {kept}.", { time: spoken(from), kept: spoken(to - from) }), possible);
  grip("to", to, from + LEAST_SECONDS, total, t("Ends at {time}. You keep {kept}.", { time: spoken(to), kept: spoken(to - from) }), possible);
}

/** @param {string} end @param {number} now @param {number} least @param {number} most @param {string} words @param {boolean} possible */
function grip(end, now, least, most, words, possible) {
  const node = part(`grip-${end}`);
  node.hidden = !possible;
  node.setAttribute("aria-valuemin", least.toFixed(1));
  node.setAttribute("aria-valuemax", most.toFixed(1));
  node.setAttribute("aria-valuenow", now.toFixed(1));
  node.setAttribute("aria-valuetext", words);
}

/** @param {"from" | "to"} end @param {KeyboardEvent} event */
function pressed(end, event) {
  const at = end === "from" ? from : to;
  const step = event.shiftKey ? STRIDE_SECONDS : STEP_SECONDS;
  /** @type {Record<string, number>} */
  const places = {
    ArrowLeft: at - step, ArrowDown: at - step, ArrowRight: at + step, ArrowUp: at + step,
    PageDown: at - STRIDE_SECONDS, PageUp: at + STRIDE_SECONDS, Home: -Infinity, End: Infinity,
  };
  if (!(event.key in places) || event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  move(end, places[event.key]);
}

/** The moment under a pointer; grips are held from outside, so it may lie before or after the clip. @param {number} x in the window */
function momentAt(x) {
  const { left, width } = part("frames").getBoundingClientRect();
  return width ? ((x - left) / width) * total : 0;
}

/** @param {HTMLElement} node @param {(event: PointerEvent) => (x: number) => void} begin gives what follows the pointer */
function drag(node, begin) {
  node.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    const follow = begin(event);
    const moved = (/** @type {PointerEvent} */ { clientX }) => follow(clientX);
    node.setPointerCapture(event.pointerId);
    node.addEventListener("pointermove", moved);
    for (const name of ["pointerup", "pointercancel"]) {
      node.addEventListener(name, () => node.removeEventListener("pointermove", moved), { once: true });
    }
  });
}

/** @param {"from" | "to"} end */
function bindGrip(end) {
  const node = part(`grip-${end}`);
  node.addEventListener("keydown", (event) => pressed(end, event));
  drag(node, (event) => {
    node.focus({ preventScroll: true });
    const grabbed = (end === "from" ? from : to) - momentAt(event.clientX);
    return (x) => move(end, momentAt(x) + grabbed);
  });
}

/** Buttons do what dragging does, for whoever cannot drag. @param {() => number} position */
function bindButtons(position) {
  const said = () => announce(t("You keep {kept}.", { kept: spoken(to - from) }));
  part("begin-here").addEventListener("click", () => { move("from", position()); said(); });
  part("end-here").addEventListener("click", () => { move("to", position()); said(); });
  part("use-all").addEventListener("click", () => {
    from = 0;
    to = total;
    draw();
    looked(0);
    announce(t("You keep all of it."));
    part("begin-here").focus({ preventScroll: true }); // the button itself is gone now
  });
}

/**
 * @param {object} options
 * @param {() => number} options.position of what plays
 * @param {(at: number) => void} options.onTrim other marks; `at` is the moment to look at
 * @param {(at: number) => void} options.onSeek a tap on the strip
 */
export function bind({ position, onTrim, onSeek }) {
  looked = onTrim;
  bindGrip("from");
  bindGrip("to");
  bindButtons(position);
  drag(part("frames"), (event) => {
    onSeek(momentAt(event.clientX));
    return (x) => onSeek(momentAt(x));
  });
}
