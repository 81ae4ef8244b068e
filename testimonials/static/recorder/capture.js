/** Recording one stream into ordered pieces of bytes. */

/** First that is supported wins; none at all leaves the choice to the browser. H.264 first: it can be served without transcoding.
    avc3 before avc1, because it survives a change of size (a turned phone) in the middle; WebM last, as Safari turns it. */
const CONTAINERS = [
  "video/mp4;codecs=avc3.640028,mp4a.40.2", "video/mp4;codecs=avc1.640028,mp4a.40.2", "video/mp4;codecs=avc3.42E01F,opus",
  "video/webm;codecs=vp9,opus", "video/webm;codecs=vp8,opus", "video/webm", "video/mp4",
];
const SOUND_CONTAINERS = ["audio/mp4;codecs=mp4a.40.2", "audio/webm;codecs=opus", "audio/webm"];
const AUDIO_BITS = 128_000;
const MOST_VIDEO_BITS = 2_500_000;
const SLICE_MS = 500; // what a crash may cost at most, with the time between two key frames and a write to the device
const SILENT_FOR_MS = 6_000; // some browsers stop delivering after sleep; asking for data wakes them
const MOST_BYTES = 5 * 1024 * 1024; // after a sleep one piece may hold minutes; no request should be as large

/** @param {boolean} audioOnly @param {number} maxSeconds @param {number} maxBytes of the whole testimonial */
function recorderOptions(audioOnly, maxSeconds, maxBytes) {
  const mimeType = (audioOnly ? SOUND_CONTAINERS : CONTAINERS).find((type) => MediaRecorder.isTypeSupported?.(type));
  const fits = (maxBytes * 8 * 0.85) / maxSeconds - AUDIO_BITS;
  const picture = {
    videoBitsPerSecond: Math.round(Math.min(MOST_VIDEO_BITS, Math.max(250_000, fits))),
    videoKeyFrameIntervalDuration: 1000, // without it Chromium's MP4 delivers nothing for many seconds
  };
  return { audioBitsPerSecond: AUDIO_BITS, ...(audioOnly ? {} : picture), ...(mimeType ? { mimeType } : {}) };
}

/** One recording of one stream. */
export class Capture {
  #recorder;
  #pending = Promise.resolve();
  #recordedMs = 0;
  #since = 0;
  #timer = 0;
  #lastData = 0;
  #abandoned = false;

  /**
   * @param {MediaStream} stream
   * @param {object} options
   * @param {boolean} [options.audioOnly]
   * @param {number} options.maxSeconds of this recording
   * @param {{max_seconds: number, max_bytes: number}} options.limits of the whole testimonial: they decide on the quality
   * @param {(bytes: ArrayBuffer) => Promise<void> | void} options.onBytes in order, each awaited before the next
   * @param {(seconds: number) => void} options.onTick about four times a second
   * @param {(reason: string) => void} options.onEnd the recording stopped by itself: limit, device or broken
   * @param {(kind: string) => void} options.onInterrupted the system took the camera ("video") or microphone ("audio") away for a moment
   */
  constructor(stream, options) {
    this.options = options;
    this.#recorder = new MediaRecorder(stream, recorderOptions(Boolean(options.audioOnly), options.limits.max_seconds, options.limits.max_bytes));
    this.#recorder.addEventListener("dataavailable", ({ data }) => this.#take(data));
    this.#recorder.addEventListener("error", () => options.onEnd("broken"));
    for (const track of stream.getTracks()) {
      track.addEventListener("ended", () => this.active && !this.#abandoned && options.onEnd("device"));
      track.addEventListener("mute", () => this.active && options.onInterrupted(track.kind));
    }
  }

  get active() {
    return this.#recorder.state !== "inactive";
  }

  get paused() {
    return this.#recorder.state === "paused";
  }

  /** What the browser really records, not what it was asked for; without the codecs. */
  get type() {
    return (this.#recorder.mimeType || (this.options.audioOnly ? "audio/webm" : "video/webm")).split(";")[0];
  }

  /** Seconds recorded, pauses not counted: WebM carries no duration of its own. */
  get seconds() {
    return (this.#recordedMs + (this.#since ? performance.now() - this.#since : 0)) / 1000;
  }

  start() {
    this.#recorder.start(SLICE_MS);
    this.#since = performance.now();
    this.#lastData = this.#since;
    this.#timer = setInterval(() => this.#tick(), 250);
  }

  pause() {
    if (this.#recorder.state !== "recording") return;
    this.#recorder.pause();
    this.#settleClock();
  }

  resume() {
    if (this.#recorder.state !== "paused") return;
    this.#recorder.resume();
    this.#since = performance.now();
    this.#lastData = this.#since;
  }

  /** @returns {Promise<{seconds: number, type: string}>} after the last byte was handed on */
  async stop() {
    clearInterval(this.#timer);
    this.#settleClock();
    if (this.active) {
      const stopped = new Promise((resolve) => this.#recorder.addEventListener("stop", resolve, { once: true }));
      this.#recorder.stop();
      await stopped;
    }
    await this.#pending;
    return { seconds: this.seconds, type: this.type };
  }

  /** It is not wanted after all: nothing more is handed on. */
  abandon() {
    clearInterval(this.#timer);
    this.#abandoned = true;
    if (this.active) this.#recorder.stop();
  }

  #settleClock() {
    if (this.#since) this.#recordedMs += performance.now() - this.#since;
    this.#since = 0;
  }

  /** Reading a Blob is asynchronous and may overtake; the chain keeps the order. @param {Blob} data */
  #take(data) {
    this.#lastData = performance.now();
    if (data.size === 0 || this.#abandoned) return;
    for (let at = 0; at < data.size; at += MOST_BYTES) {
      const piece = data.slice(at, at + MOST_BYTES);
      this.#pending = this.#pending.then(async () => this.options.onBytes(await piece.arrayBuffer())).catch(() => this.#fail());
    }
  }

  /** The place for the bytes is gone: what it has so far is all there will be. */
  #fail() {
    if (this.#abandoned) return;
    this.#abandoned = true; // a gap in the middle would make everything after it worthless
    this.options.onEnd("broken");
  }

  #tick() {
    const { onTick, onEnd, maxSeconds } = this.options;
    onTick(Math.min(this.seconds, maxSeconds));
    if (this.seconds >= maxSeconds) onEnd("limit");
    else if (this.#recorder.state === "recording" && performance.now() - this.#lastData > SILENT_FOR_MS) {
      this.#lastData = performance.now();
      this.#recorder.requestData();
    }
  }
}
