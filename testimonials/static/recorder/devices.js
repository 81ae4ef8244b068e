/** Cameras and microphones: which there are, which one was chosen, and opening them with every failure named. */
import { CameraProblem, cameraPermission, canRecord, isFramedOut, isInApp, isPhone, microphonePermission } from "./environment.js";
import { t } from "./text.js";

const SHAPE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30 } };
const AUDIO = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const SLOW_MS = 10_000;

/** @typedef {{camera?: string, facing?: "user" | "environment", microphone?: string}} Choice ids of devices */

export class Devices {
  cameras = /** @type {MediaDeviceInfo[]} */ ([]);
  microphones = /** @type {MediaDeviceInfo[]} */ ([]);
  /** Why the last stream that was opened with a camera has no sound. */
  silentBecause = /** @type {"" | "missing" | "blocked" | "inuse"} */ ("");
  #chosen = /** @type {Choice} */ ({}); // for this page only: the next visit may be at another desk

  /**
   * Opens what was chosen, or whatever there is. The question of the browser may stay open as long as the person reads it,
   * and in some in-app browsers it never comes: after ten seconds onSlow is called, and an answer that still comes later is
   * taken all the same. Throws CameraProblem. Without a microphone a signer can still be seen, so then there is only a picture.
   * @param {{audioOnly?: boolean, onSlow?: () => void}} [options]
   * @returns {Promise<MediaStream>}
   */
  async open({ audioOnly = false, onSlow = () => {} } = {}) {
    if (isFramedOut(audioOnly)) throw new CameraProblem("framed");
    if (!canRecord()) throw new CameraProblem(isInApp ? "inapp" : "unsupported");
    this.silentBecause = "";
    const slow = setTimeout(onSlow, SLOW_MS);
    try {
      const stream = await this.#ask(audioOnly ? { audio: this.#audio() } : { video: this.#video(), audio: this.#audio() });
      await this.list();
      return stream;
    } finally {
      clearTimeout(slow);
    }
  }

  /** Another picture beside a sound that goes on. @returns {Promise<MediaStreamTrack>} */
  async openPicture() {
    const stream = await this.#ask({ video: this.#video() });
    return stream.getVideoTracks()[0];
  }

  /** @param {Choice} choice @returns {Choice} what was chosen until now */
  choose(choice) {
    const before = this.#chosen;
    this.#chosen = "camera" in choice || "facing" in choice ? { microphone: before.microphone, ...choice } : { ...before, ...choice };
    return before;
  }

  /** Names are empty before the person allowed something. */
  async list() {
    const all = await navigator.mediaDevices.enumerateDevices().catch(() => []);
    this.cameras = all.filter((device) => device.kind === "videoinput" && device.deviceId);
    this.microphones = all.filter((device) => device.kind === "audioinput" && device.deviceId && device.deviceId !== "communications");
  }

  /** @param {() => void} onChange something was plugged in or out @returns {() => void} stop */
  watch(onChange) {
    const changed = () => void this.list().then(onChange);
    navigator.mediaDevices.addEventListener("devicechange", changed);
    return () => navigator.mediaDevices.removeEventListener("devicechange", changed);
  }

  /** The camera after the one in use. Phones have several at the back: there it is the other side. @param {MediaStream} stream @returns {Choice} */
  nextCamera(stream) {
    const { deviceId, facingMode } = stream.getVideoTracks()[0]?.getSettings() ?? {};
    if (isPhone && facingMode) return { facing: facingMode === "user" ? "environment" : "user" };
    const at = this.cameras.findIndex((camera) => camera.deviceId === deviceId);
    return { camera: this.cameras[(at + 1) % this.cameras.length]?.deviceId };
  }

  /** @returns {MediaTrackConstraints} */
  #video() {
    const { camera, facing } = this.#chosen;
    return camera ? { ...SHAPE, deviceId: { exact: camera } } : { ...SHAPE, facingMode: facing ?? "user" };
  }

  /** @returns {MediaTrackConstraints} */
  #audio() {
    const { microphone } = this.#chosen;
    return microphone ? { ...AUDIO, deviceId: { exact: microphone } } : AUDIO;
  }

  /** @param {MediaStreamConstraints} wish @returns {Promise<MediaStream>} */
  async #ask(wish) {
    try {
      return await navigator.mediaDevices.getUserMedia(wish);
    } catch (error) {
      return this.#ask(await this.#smallerWish(wish, error instanceof Error ? error.name : ""));
    }
  }

  /** What to ask for after a failure; throws CameraProblem when nothing is left. @param {MediaStreamConstraints} wish @param {string} name */
  async #smallerWish(wish, name) {
    const both = Boolean(wish.video && wish.audio);
    if (name === "NotAllowedError" || name === "SecurityError") {
      const camera = await cameraPermission();
      if (both && camera === "granted" && (await microphonePermission()) === "denied") return this.#withoutSound("blocked");
      const asked = wish.video ? camera : await microphonePermission();
      throw new CameraProblem(asked === "prompt" ? "dismissed" : wish.video ? "blocked" : "micblocked");
    }
    if (name === "NotFoundError") {
      if (!wish.video) throw new CameraProblem("nomic");
      await this.list(); // one missing device is enough for this error
      const kinds = new Set((await navigator.mediaDevices.enumerateDevices()).map((device) => device.kind));
      if (both && kinds.has("videoinput")) return this.#withoutSound("missing");
      throw new CameraProblem(kinds.has("audioinput") ? "nocamera" : "nodevices");
    }
    if (name === "OverconstrainedError") {
      const { camera, facing, microphone } = this.#chosen;
      if (camera || facing || microphone) { // what was chosen is gone
        this.#chosen = {};
        return { ...(wish.video && { video: this.#video() }), ...(wish.audio && { audio: this.#audio() }) };
      }
      if (wish.video !== true && wish.audio !== true) return { ...(wish.video && { video: true }), ...(wish.audio && { audio: true }) };
    }
    const inUse = name === "NotReadableError" || name === "AbortError";
    if (inUse && both) return this.#withoutSound("inuse");
    throw new CameraProblem(!inUse ? "broken" : wish.video ? "inuse" : "micinuse");
  }

  /** @param {"missing" | "blocked" | "inuse"} why @returns {MediaStreamConstraints} */
  #withoutSound(why) {
    this.silentBecause = why;
    return { video: this.#video() };
  }
}

/** @param {MediaStream | null | undefined} stream */
export function closeStream(stream) {
  for (const track of stream?.getTracks() ?? []) track.stop();
}

/** Whether the picture shows the person, as a mirror would; a camera at the back shows the world. @param {MediaStream} stream */
export const facesPerson = (stream) => stream.getVideoTracks()[0]?.getSettings().facingMode !== "environment";

/** "Front" says more than "camera2 1, facing front"; a webcam has only its own name. @param {MediaStream} stream */
export function cameraName(stream) {
  const track = stream.getVideoTracks()[0];
  const facing = track?.getSettings().facingMode;
  if (isPhone && facing === "user") return t("Front camera");
  if (isPhone && facing === "environment") return t("Rear camera");
  return deviceName(track?.label ?? "") || t("Ready");
}

/** Without the numbers that the system puts behind it. @param {string} label */
export const deviceName = (label) => label.replace(/\s*\([^)]*\)\s*$/, "");
