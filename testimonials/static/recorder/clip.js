/** Segments that play one after the other as one clip, in one element whose source changes: phones allow few decoders. */
import { closeSource, durationAt, durationOf, moveTo, openSource } from "./media.js";

const NEAR_SECONDS = 0.05;

/** @typedef {{blob: Blob, url: string, seconds: number, start: number}} Segment `start` is its place in the whole clip */

export class Clip {
  /** @type {Segment[]} */
  segments = [];
  seconds = 0;
  /** What is kept: playing begins and ends there. Seconds in the whole clip. */
  from = 0;
  to = 0;
  #player;
  #hold;
  #changed;
  #index = -1; // of the segment that the element holds
  #goal = /** @type {number | null} */ (null); // where it is on its way to
  #settling = /** @type {Promise<void> | null} */ (null);
  #playing = false;
  #turn = 0; // what was begun for an earlier clip must not touch this one

  /**
   * @param {HTMLVideoElement} player
   * @param {HTMLCanvasElement} hold lies over the player and shows the last picture while the next one is being fetched
   * @param {() => void} changed position, playing or length is another one now
   */
  constructor(player, hold, changed) {
    this.#player = player;
    this.#hold = hold;
    this.#changed = changed;
    player.addEventListener("ended", () => this.#ended());
    player.addEventListener("pause", () => this.#paused());
    for (const name of ["timeupdate", "seeked"]) player.addEventListener(name, () => this.#tick());
    // timeupdate comes four times a second; between them the line would walk in steps.
    const glide = () => {
      this.#tick();
      if (this.#playing) requestAnimationFrame(glide);
    };
    player.addEventListener("play", glide);
  }

  /**
   * @param {Blob[]} blobs
   * @param {(number | null)[]} known seconds by the recording's clock; null for a chosen file
   * @returns {Promise<boolean>} whether this browser can play all of it
   */
  async open(blobs, known) {
    this.close();
    const turn = this.#turn;
    this.segments = blobs.map((blob, index) => ({ blob, url: URL.createObjectURL(blob), seconds: known[index] ?? 0, start: 0 }));
    if (this.segments.length === 0 || !(await this.#show(0))) return false;
    this.#thaw();
    for (const [index, segment] of this.segments.entries()) {
      if (index > 0 && known[index] != null) continue;
      const seconds = index === 0 ? await durationOf(this.#player) : await durationAt(segment.url);
      if (turn !== this.#turn || (seconds === null && index > 0)) return false;
      if (seconds !== null && (known[index] == null || seconds > 0.5)) segment.seconds = seconds;
    }
    for (const segment of this.segments) {
      segment.start = this.seconds;
      this.seconds += segment.seconds;
    }
    this.to = this.seconds;
    this.#changed();
    return true;
  }

  close() {
    this.#turn += 1;
    this.#playing = false;
    this.#goal = null;
    this.#index = -1;
    this.#thaw();
    closeSource(this.#player);
    for (const { url } of this.segments) URL.revokeObjectURL(url);
    this.segments = [];
    this.seconds = this.from = this.to = 0;
  }

  /** Seconds in the whole clip; while it moves, where it will be. */
  get position() {
    const segment = this.segments[this.#index];
    return this.#goal ?? (segment ? segment.start + Math.min(this.#player.currentTime, segment.seconds) : 0);
  }

  /** What the person asked for: between two segments it still plays. */
  get paused() {
    return !this.#playing;
  }

  async play() {
    this.#playing = true;
    this.#changed();
    const at = this.position;
    if (this.#player.ended || at >= this.to - NEAR_SECONDS || at < this.from - NEAR_SECONDS) await this.seek(this.from);
    else await this.#start();
  }

  pause() {
    this.#playing = false;
    this.#player.pause();
    this.#changed();
  }

  /** Seeks that come while one is under way are joined: only the last one counts. @param {number} position */
  async seek(position) {
    if (this.segments.length === 0) return;
    this.#goal = Math.min(this.seconds, Math.max(0, position));
    this.#changed();
    this.#settling ??= this.#settle().finally(() => { this.#settling = null; });
    await this.#settling;
  }

  async #settle() {
    const turn = this.#turn;
    while (this.#goal !== null) {
      const goal = this.#goal;
      const index = Math.max(0, this.segments.filter(({ start }) => start <= goal).length - 1);
      if (index !== this.#index && !(await this.#show(index))) this.#playing = false;
      if (turn !== this.#turn) return;
      const local = goal - this.segments[index].start;
      await moveTo(this.#player, local);
      if (turn !== this.#turn) return;
      if (this.#goal === goal) this.#goal = null;
    }
    this.#thaw();
    this.#changed();
    if (this.#playing) await this.#start();
  }

  /** @param {number} index @returns {Promise<boolean>} */
  async #show(index) {
    this.#freeze();
    this.#index = index;
    return openSource(this.#player, this.segments[index].url);
  }

  async #start() {
    try {
      await this.#player.play();
    } catch (error) {
      // Aborted means that a pause or another segment came in between, and both have said so themselves.
      if (!(error instanceof DOMException && error.name === "AbortError")) this.pause();
    }
  }

  #ended() {
    const next = this.segments[this.#index + 1];
    if (this.#playing && next && next.start < this.to - NEAR_SECONDS) return void this.seek(next.start);
    this.#playing = false;
    this.#changed();
  }

  /** The phone paused it: a call, another app. */
  #paused() {
    if (this.#player.ended || this.#settling) return;
    this.#playing = false;
    this.#changed();
  }

  #tick() {
    if (this.#goal !== null) return;
    if (this.#playing && this.to < this.seconds && this.position >= this.to) this.pause();
    else this.#changed();
  }

  #freeze() {
    const { videoWidth, videoHeight, readyState } = this.#player;
    if (videoWidth === 0 || readyState < 2 || !this.#hold.hidden) return;
    this.#hold.width = videoWidth;
    this.#hold.height = videoHeight;
    this.#hold.getContext("2d")?.drawImage(this.#player, 0, 0);
    this.#hold.hidden = false;
  }

  #thaw() {
    this.#hold.hidden = true;
  }
}
