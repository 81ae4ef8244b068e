/** Pictures of a clip, decoded beside the player that shows it; and the shape of its sound where there are no pictures. */
import { closeSource, moveTo, openSource } from "./media.js";

const FRAMES = 10;
const FRAME_HEIGHT = 112; // twice its size on the page, for fine screens
const BARS = 96;
const RATE = 8000; // samples a second: ten minutes of sound stay small, and peaks are all that is drawn

/** @typedef {import("./clip.js").Segment} Segment */

/** Reads single pictures. Holds a decoder from the first one until it is closed: a phone has few. */
export class Frames {
  #player = Object.assign(document.createElement("video"), { muted: true, playsInline: true, preload: "auto" });
  #segments;
  #index = -1;
  #closed = false;

  /** @param {Segment[]} segments */
  constructor(segments) {
    this.#segments = segments;
  }

  /** @param {HTMLCanvasElement} canvas @param {number} at seconds in the whole clip @returns {Promise<boolean>} drawn */
  async draw(canvas, at) {
    const index = Math.max(0, this.#segments.filter(({ start }) => start <= at).length - 1);
    const player = this.#player;
    if (index !== this.#index) {
      this.#index = index;
      if (!(await openSource(player, this.#segments[index].url)) || this.#closed) return false;
    }
    if (!this.#closed) await moveTo(player, at - this.#segments[index].start);
    if (this.#closed || !drawPicture(canvas, player)) return false;
    await rest();
    return true;
  }

  close() {
    this.#closed = true;
    closeSource(this.#player);
  }
}

/** @param {HTMLCanvasElement} canvas @param {HTMLVideoElement} player @returns {boolean} whether there was a picture */
export function drawPicture(canvas, player) {
  if (player.videoWidth === 0 || player.readyState < 2) return false;
  canvas.height = FRAME_HEIGHT;
  canvas.width = Math.max(1, Math.round((FRAME_HEIGHT * player.videoWidth) / player.videoHeight));
  canvas.getContext("2d")?.drawImage(player, 0, 0, canvas.width, canvas.height);
  return true;
}

/** A breath between two pictures, so that playing and typing come first. */
const rest = () => new Promise((resolve) => {
  if ("requestIdleCallback" in window) requestIdleCallback(resolve, { timeout: 250 });
  else setTimeout(resolve, 30);
});

/** What is being drawn; a newer clip ends it. */
let drawing = { over: false };

/** @param {HTMLElement} strip */
export function clear(strip) {
  drawing.over = true;
  strip.replaceChildren();
}

/** Frames come in one after the other. @param {HTMLElement} strip @param {Segment[]} segments @param {number} seconds */
export async function drawFrames(strip, segments, seconds) {
  clear(strip);
  const mine = (drawing = { over: false });
  const canvases = Array.from({ length: FRAMES }, () => document.createElement("canvas"));
  strip.replaceChildren(...canvases);
  const frames = new Frames(segments);
  for (const [index, canvas] of canvases.entries()) {
    if (mine.over || !(await frames.draw(canvas, ((index + 0.5) / FRAMES) * seconds))) break;
  }
  frames.close();
}

/** @param {HTMLElement} strip @param {Segment[]} segments @param {number} seconds */
export async function drawSound(strip, segments, seconds) {
  clear(strip);
  const mine = (drawing = { over: false });
  const canvas = Object.assign(document.createElement("canvas"), { width: BARS * 12, height: FRAME_HEIGHT, className: "soundwave" });
  strip.replaceChildren(canvas);
  const peaks = new Float32Array(BARS);
  const reader = new OfflineAudioContext(1, 1, RATE);
  for (const { blob, start } of segments) {
    const sound = await reader.decodeAudioData(await blob.arrayBuffer()).catch(() => null); // not readable: no bars
    if (mine.over) return;
    if (sound) addPeaks(peaks, sound.getChannelData(0), start, seconds);
  }
  drawBars(canvas, peaks);
}

/** @param {Float32Array} peaks @param {Float32Array} samples @param {number} start @param {number} seconds of the whole clip */
function addPeaks(peaks, samples, start, seconds) {
  for (const [index, sample] of samples.entries()) {
    const bar = Math.floor(((start + index / RATE) / seconds) * BARS);
    if (bar < BARS && Math.abs(sample) > peaks[bar]) peaks[bar] = Math.abs(sample);
  }
}

/** @param {HTMLCanvasElement} canvas @param {Float32Array} peaks */
function drawBars(canvas, peaks) {
  const pen = canvas.getContext("2d");
  if (!pen) return;
  const loudest = Math.max(0.05, ...peaks); // silence stays a thin line
  pen.fillStyle = "#e9e3dc";
  for (const [index, peak] of peaks.entries()) {
    const height = Math.max(4, (peak / loudest) * canvas.height * 0.78);
    pen.fillRect(index * 12 + 3, (canvas.height - height) / 2, 6, height);
  }
}
