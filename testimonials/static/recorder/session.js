/** One recording session: segments, one after the other, and the time they may hold together. Knows no screen. */
import { Capture } from "./capture.js";

const LEAST_SECONDS = 1; // a segment shorter than this is not worth to begin

/** @typedef {{question: number | null, audioOnly: boolean}} About */

export class Session {
  #capture = /** @type {Capture | null} */ (null);
  /** Seconds of a segment that is complete, while it is not yet known whether another follows. */
  #held = /** @type {number | null} */ (null);
  #spent = 0;
  #settling = /** @type {Promise<unknown>} */ (Promise.resolve());
  #ending = false;

  /**
   * @param {object} options
   * @param {{max_seconds: number, max_bytes: number}} options.limits
   * @param {number} options.already seconds that earlier segments hold
   * @param {(type: string, about: About) => (bytes: ArrayBuffer) => Promise<void>} options.onStart
   * @param {(result: {seconds: number}) => void} options.onSegment
   * @param {(result: {seconds: number, reason: string}) => void} options.onDone
   * @param {(seconds: number) => void} options.onTick of all segments together
   * @param {(reason: string) => void} options.onEnd it ends by itself; `finish` is called by whoever listens
   * @param {(kind: string) => void} options.onInterrupted
   */
  constructor(options) {
    this.options = options;
    this.#spent = options.already;
  }

  /** Whether a segment is being recorded, or paused. */
  get running() {
    return Boolean(this.#capture);
  }

  get paused() {
    return Boolean(this.#capture?.paused);
  }

  get seconds() {
    return this.#spent + (this.#capture?.seconds ?? 0);
  }

  get full() {
    return this.options.limits.max_seconds - this.seconds < LEAST_SECONDS;
  }

  /**
   * Begins a segment. Throws when the browser cannot record this stream; what was recorded before is untouched by that.
   * @param {MediaStream} stream @param {About} about
   */
  begin(stream, about) {
    const { limits, onStart, onSegment, onTick, onEnd, onInterrupted } = this.options;
    /** @type {(bytes: ArrayBuffer) => Promise<void>} */
    let keep = async () => {};
    const capture = new Capture(stream, {
      limits, audioOnly: about.audioOnly, maxSeconds: limits.max_seconds - this.#spent,
      onBytes: (bytes) => keep(bytes),
      onTick: (seconds) => onTick(this.#spent + seconds),
      onEnd, onInterrupted,
    });
    capture.start();
    if (this.#held !== null) onSegment({ seconds: this.#held });
    this.#held = null;
    this.#capture = capture;
    keep = onStart(capture.type, about);
  }

  pause() {
    this.#capture?.pause();
  }

  resume() {
    this.#capture?.resume();
  }

  /** Ends the segment, and waits until its last byte is kept. It counts as the last one unless another begins. */
  async hold() {
    const capture = this.#capture;
    if (!capture) return this.#settling;
    this.#capture = null;
    const left = this.options.limits.max_seconds - this.#spent;
    this.#settling = capture.stop().then(({ seconds }) => {
      this.#held = Math.min(seconds, left);
      this.#spent += this.#held;
    });
    return this.#settling;
  }

  /** @param {string} reason stopped, limit, size, device or broken @param {() => void} release called before onDone: devices go off */
  async finish(reason, release) {
    if (this.#ending) return;
    this.#ending = true;
    await this.hold();
    const seconds = this.#held;
    release();
    if (seconds !== null) this.options.onDone({ seconds, reason });
  }

  /** Everything is dropped. */
  abandon() {
    this.#ending = true;
    this.#capture?.abandon();
    this.#capture = null;
  }
}
