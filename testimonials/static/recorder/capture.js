/** Camera and microphone: opening them with every failure named, and recording them into ordered pieces of bytes. */
import { cameraPermission, canRecord, isInApp } from "./environment.js";

/** First that is supported wins; none at all leaves the choice to the browser. H.264 first: it can be served without transcoding.
    avc3 before avc1, because it survives a change of size (a turned phone) in the middle; WebM last, as Safari turns it. */
const CONTAINERS = [
  "video/mp4;codecs=avc3.640028,mp4a.40.2", "video/mp4;codecs=avc1.640028,mp4a.40.2", "video/mp4;codecs=avc3.42E01F,opus",
  "video/webm;codecs=vp9,opus", "video/webm;codecs=vp8,opus", "video/webm", "video/mp4",
];
const VIDEO = { facingMode: "user", width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
const AUDIO = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const AUDIO_BITS = 128_000;
const MOST_VIDEO_BITS = 2_500_000;
const SLOW_MS = 10_000;
const SILENT_FOR_MS = 6_000; // some browsers stop delivering after sleep; asking for data wakes them

/** kind: blocked, dismissed, nocamera, inuse, unsupported, inapp, broken */
export class CameraProblem extends Error {
  /** @param {string} kind */
  constructor(kind) {
    super(kind);
    this.kind = kind;
  }
}

/**
 * Opens camera and microphone. The question of the browser may stay open as long as the person reads it, and in some in-app
 * browsers it never comes: after ten seconds onSlow is called, and an answer that still comes later is taken all the same.
 * @param {{onSlow?: () => void}} [options]
 * @returns {Promise<MediaStream>}
 */
export async function openCamera({ onSlow = () => {} } = {}) {
  if (!canRecord()) throw new CameraProblem(isInApp ? "inapp" : "unsupported");
  const slow = setTimeout(onSlow, SLOW_MS);
  try {
    return await ask({ video: VIDEO, audio: AUDIO });
  } finally {
    clearTimeout(slow);
  }
}

/** @param {MediaStreamConstraints} wish @returns {Promise<MediaStream>} */
async function ask(wish) {
  try {
    return await navigator.mediaDevices.getUserMedia(wish);
  } catch (error) {
    const name = error instanceof Error ? error.name : "";
    if (name === "NotAllowedError" || name === "SecurityError") {
      throw new CameraProblem((await cameraPermission()) === "prompt" ? "dismissed" : "blocked");
    }
    // One missing device is enough for NotFoundError. Without a microphone a signer can still be seen; without a camera not.
    if (name === "NotFoundError" && wish.audio) return ask({ video: wish.video });
    if (name === "NotFoundError") throw new CameraProblem("nocamera");
    if (name === "OverconstrainedError" && wish.video !== true) return ask({ video: true, audio: Boolean(wish.audio) });
    throw new CameraProblem(name === "NotReadableError" || name === "AbortError" ? "inuse" : "broken");
  }
}

/** @param {MediaStream | null | undefined} stream */
export function closeStream(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** @param {number} maxSeconds @param {number} maxBytes */
function recorderOptions(maxSeconds, maxBytes) {
  const fits = (maxBytes * 8 * 0.85) / maxSeconds - AUDIO_BITS;
  const options = {
    videoBitsPerSecond: Math.round(Math.min(MOST_VIDEO_BITS, Math.max(250_000, fits))),
    audioBitsPerSecond: AUDIO_BITS,
    videoKeyFrameIntervalDuration: 1000, // without it Chromium's MP4 delivers nothing for many seconds
  };
  const mimeType = CONTAINERS.find((type) => MediaRecorder.isTypeSupported?.(type));
  return mimeType ? { ...options, mimeType } : options;
}

/** One recording of one stream. */
export class Capture {
  #stream;
  #recorder;
  #pending = Promise.resolve();
  #recordedMs = 0;
  #since = 0;
  #timer = 0;
  #lastData = 0;

  /**
   * @param {MediaStream} stream
   * @param {object} options
   * @param {number} options.maxSeconds
   * @param {number} options.maxBytes
   * @param {(bytes: ArrayBuffer) => Promise<void> | void} options.onBytes in order, each awaited before the next
   * @param {(seconds: number) => void} options.onTick about four times a second
   * @param {(reason: string) => void} options.onEnd the recording stopped by itself: limit, device or broken
   * @param {() => void} options.onInterrupted the system took the camera or microphone away for a moment
   */
  constructor(stream, options) {
    this.#stream = stream;
    this.options = options;
    this.#recorder = new MediaRecorder(stream, recorderOptions(options.maxSeconds, options.maxBytes));
    this.#recorder.addEventListener("dataavailable", ({ data }) => this.#take(data));
    this.#recorder.addEventListener("error", () => options.onEnd("broken"));
    for (const track of stream.getTracks()) {
      track.addEventListener("ended", () => this.active && options.onEnd("device"));
      track.addEventListener("mute", () => this.active && options.onInterrupted());
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
    return (this.#recorder.mimeType || "video/webm").split(";")[0];
  }

  /** Seconds recorded, pauses not counted: WebM carries no duration of its own. */
  get seconds() {
    return (this.#recordedMs + (this.#since ? performance.now() - this.#since : 0)) / 1000;
  }

  start() {
    this.#recorder.start(1000);
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

  #settleClock() {
    if (this.#since) this.#recordedMs += performance.now() - this.#since;
    this.#since = 0;
  }

  /** Reading a Blob is asynchronous and may overtake; the chain keeps the order. @param {Blob} data */
  #take(data) {
    this.#lastData = performance.now();
    if (data.size === 0) return;
    this.#pending = this.#pending.then(async () => this.options.onBytes(await data.arrayBuffer()));
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

/** "Front" says more than "camera2 1, facing front"; a webcam has only its own name. @param {MediaStream} stream */
export function cameraName(stream) {
  const track = stream.getVideoTracks()[0];
  const facing = track?.getSettings().facingMode;
  if (facing === "user") return "Front";
  if (facing === "environment") return "Back";
  return (track?.label ?? "").replace(/\s*\([^)]*\)\s*$/, "") || "Ready";
}
