/** Playing a take back. Recorded WebM has no duration and no index, so the recording's own clock stands in until both are known. */
import { clock } from "./messages.js";
import { act, drawStill, part } from "./screens.js";

const video = () => /** @type {HTMLVideoElement} */ (part("playback"));
let seconds = 0;
let url = "";
let measuring = false;

/**
 * @param {Blob} blob
 * @param {number | null} knownSeconds from the recording's clock; null for a chosen file
 * @returns {Promise<number | null>} the duration, or null when this browser cannot play the file
 */
export async function load(blob, knownSeconds) {
  unload();
  seconds = knownSeconds ?? 0;
  if (navigator.audioSession) navigator.audioSession.type = "playback"; // iOS plays a fresh take back at a whisper otherwise
  url = URL.createObjectURL(blob);
  const player = video();
  const playable = await new Promise((resolve) => {
    player.addEventListener("loadeddata", () => resolve(true), { once: true });
    player.addEventListener("error", () => resolve(false), { once: true });
    setTimeout(() => resolve(player.readyState >= 2), 8000);
    player.src = url;
    player.load();
  });
  setPlayable(playable);
  part("take").style.setProperty("--ratio", playable ? `${player.videoWidth} / ${player.videoHeight}` : "16 / 10");
  if (!playable) return knownSeconds;
  if (!Number.isFinite(player.duration)) await measure(player);
  if (Number.isFinite(player.duration) && (knownSeconds === null || player.duration > 0.5)) seconds = player.duration;
  drawStill(player);
  draw();
  return seconds;
}

/** Seeking far past the end makes the browser read to the end and learn the duration. @param {HTMLVideoElement} player */
async function measure(player) {
  measuring = true;
  await new Promise((resolve) => {
    const known = () => { if (Number.isFinite(player.duration)) resolve(undefined); };
    player.addEventListener("durationchange", known);
    setTimeout(resolve, 3000);
    player.currentTime = 1e7;
  });
  await new Promise((resolve) => {
    player.addEventListener("seeked", resolve, { once: true });
    setTimeout(resolve, 2000);
    player.currentTime = 0;
  });
  measuring = false;
}

export function unload() {
  const player = video();
  player.pause();
  player.removeAttribute("src");
  player.load();
  if (url) URL.revokeObjectURL(url);
  url = "";
}

/** @param {boolean} playable */
function setPlayable(playable) {
  part("blank").hidden = playable;
  part("timeline").hidden = !playable;
  video().hidden = !playable;
  act("play").hidden = !playable;
}

export async function toggle() {
  const player = video();
  if (!player.paused) return player.pause();
  if (player.ended || player.currentTime >= seconds - 0.05) player.currentTime = 0;
  await player.play().catch(() => {});
}

export const pause = () => video().pause();

function draw() {
  if (measuring) return;
  const player = video();
  const seek = /** @type {HTMLInputElement} */ (part("seek"));
  const at = Math.min(player.currentTime, seconds);
  seek.max = String(seconds || 1);
  seek.value = String(at);
  seek.setAttribute("aria-valuetext", `${clock(at)} of ${clock(seconds)}`);
  seek.style.setProperty("--at", String(seconds ? (at / seconds) * 100 : 0));
  part("played").textContent = clock(at);
  part("length").textContent = clock(seconds);
  part("play-face").hidden = !player.paused;
  part("stop-face").hidden = player.paused;
  act("play").setAttribute("aria-label", player.paused ? `Play your video, ${clock(seconds)}` : "Pause your video");
}

export function bind() {
  const player = video();
  for (const name of ["pause", "timeupdate", "ended", "seeked"]) player.addEventListener(name, draw);
  const seek = /** @type {HTMLInputElement} */ (part("seek"));
  seek.addEventListener("input", () => { player.currentTime = Number(seek.value); });
  act("play").addEventListener("click", () => void toggle());
  // timeupdate comes four times a second; between them the line would walk in steps.
  const glide = () => {
    draw();
    if (!player.paused) requestAnimationFrame(glide);
  };
  player.addEventListener("play", glide);
}
