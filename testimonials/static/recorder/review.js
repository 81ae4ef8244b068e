/** Looking at a take: playing it back, marking what is kept, choosing its picture. Nothing of it changes the take itself. */
import { Clip } from "./clip.js";
import { spoken } from "./durations.js";
import * as filmstrip from "./filmstrip.js";
import { clock } from "./messages.js";
import * as poster from "./poster.js";
import { act, drawStill, part } from "./screens.js";
import { t } from "./text.js";
import * as trim from "./trim.js";

const video = () => /** @type {HTMLVideoElement} */ (part("playback"));
/** @type {Clip} */
let clip;
let playable = false;
let sound = false; // there is nothing to see
let latest = 0;
/** @type {NonNullable<How["onMarks"]>} */
let noted = () => {};

/**
 * @typedef {import("./store.js").Marks} Marks
 * @typedef {{audioOnly?: boolean, marks?: Marks, onMarks?: (marks: Marks) => void}} How `marks` are those of an earlier look
 */

/**
 * @param {Blob[]} blobs the segments, in order; they play as one clip
 * @param {(number | null)[]} knownSeconds of each, from the recording's clock; null for a chosen file
 * @param {How} [how]
 * @returns {Promise<number | null>} the duration in seconds; null when this browser cannot play it and no clock knows it
 */
export async function load(blobs, knownSeconds, { audioOnly = false, marks: before = {}, onMarks = () => {} } = {}) {
  unload();
  const mine = (latest += 1);
  const { audioSession } = /** @type {{audioSession?: {type: string}}} */ (navigator);
  if (audioSession) audioSession.type = "playback"; // iOS plays a fresh take back at a whisper otherwise
  const player = video();
  const plays = await clip.open(blobs, knownSeconds);
  const known = knownSeconds.every((seconds) => seconds !== null) ? knownSeconds.reduce((sum, seconds) => (sum ?? 0) + (seconds ?? 0), 0) : null;
  if (mine !== latest) return known;
  playable = plays;
  sound = plays && (audioOnly || player.videoWidth === 0);
  showParts();
  if (!plays) return known;
  trim.reset(clip.seconds, before);
  ({ from: clip.from, to: clip.to } = trim.kept());
  poster.reset(!sound, before.poster);
  noted = onMarks;
  drawStill(player);
  draw();
  if (clip.from > 0 || before.poster) void poster.recall();
  void (sound ? filmstrip.drawSound : filmstrip.drawFrames)(part("frames"), clip.segments, clip.seconds);
  return clip.seconds;
}

export function unload() {
  latest += 1;
  playable = false;
  noted = () => {};
  clip.close();
  filmstrip.clear(part("frames"));
  trim.reset(0);
  poster.reset(false);
}

/** What the person marked, for the submission. @returns {Marks} */
export function marks() {
  return playable ? { ...trim.marks(), ...poster.marks() } : {};
}

/** Whether there is a picture of the take to show elsewhere. */
export const hasPicture = () => playable && !sound;

export const pause = () => clip.pause();

function showParts() {
  const player = video();
  part("blank").hidden = playable;
  part("sound-only").hidden = !sound;
  player.hidden = !playable;
  act("play").hidden = !playable;
  for (const name of ["film", "times", "cut-buttons", "played"]) part(name).hidden = !playable;
  part("take").style.setProperty("--ratio", !playable || sound ? "16 / 10" : `${player.videoWidth} / ${player.videoHeight}`);
}

function draw() {
  const seek = /** @type {HTMLInputElement} */ (part("seek"));
  const { position, seconds, paused } = clip;
  seek.max = String(seconds || 1);
  seek.value = String(position);
  seek.setAttribute("aria-valuetext", t("{at} of {length}", { at: spoken(position), length: spoken(seconds) }));
  part("film").style.setProperty("--at", String(seconds ? position / seconds : 0));
  part("played").textContent = clock(position);
  part("play-face").hidden = !paused;
  part("stop-face").hidden = paused;
  act("play").setAttribute("aria-label", playLabel(paused));
}

/** @param {boolean} paused */
function playLabel(paused) {
  const length = spoken(Math.round(clip.to - clip.from));
  if (sound) return paused ? t("Play your recording, {length}", { length }) : t("Pause your recording");
  return paused ? t("Play your video, {length}", { length }) : t("Pause your video");
}

/** The moment that was marked is looked at, and playing begins and ends at the new marks. @param {number} at */
function trimmed(at) {
  ({ from: clip.from, to: clip.to } = trim.kept());
  clip.pause();
  void clip.seek(at);
  poster.draw();
  noted(marks());
}

export function bind() {
  clip = new Clip(video(), /** @type {HTMLCanvasElement} */ (part("hold")), draw);
  const seek = /** @type {HTMLInputElement} */ (part("seek"));
  seek.addEventListener("input", () => void clip.seek(Number(seek.value)));
  act("play").addEventListener("click", () => void (clip.paused ? clip.play() : clip.pause()));
  trim.bind({ position: () => clip.position, onTrim: trimmed, onSeek: (at) => void clip.seek(at) });
  poster.bind(video(), clip, () => noted(marks()));
}
