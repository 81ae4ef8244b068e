/** What kind of browser this is, as far as the way out of a problem depends on it. Features decide; names only choose words. */

/** Why there is no camera or microphone. kind: blocked, micblocked, dismissed, nocamera, nomic, nodevices, inuse, micinuse, framed,
    unsupported, inapp, unloaded, broken; messages.js has words for each. */
export class CameraProblem extends Error {
  /** @param {string} kind */
  constructor(kind) {
    super(kind);
    this.kind = kind;
  }
}

const agent = navigator.userAgent;
const IN_APP = /FBAN|FBAV|FB_IAB|Instagram|LinkedInApp|Line\/|MicroMessenger|Twitter|Pinterest|Snapchat|TikTok|musical_ly|BytedanceWebview|; wv\)/i;

export const isInApp = IN_APP.test(agent);
export const isPhone = matchMedia("(pointer: coarse)").matches && !matchMedia("(min-width: 64rem)").matches;

/** @returns {"ios" | "android" | "firefox" | "safari" | "chrome"} whose settings the unblocking steps describe */
export function platform() {
  if (/iPhone|iPad|iPod/.test(agent) || (/Macintosh/.test(agent) && navigator.maxTouchPoints > 1)) return "ios";
  if (/Firefox\//.test(agent)) return "firefox";
  if (/Android/.test(agent)) return "android";
  if (/Safari\//.test(agent) && !/Chrom(e|ium)\//.test(agent)) return "safari";
  return "chrome";
}

export const canRecord = () => Boolean(navigator.mediaDevices?.getUserMedia) && typeof MediaRecorder === "function";

/** Inside another site that did not pass its permission on: then the browser refuses without asking. @param {boolean} audioOnly */
export function isFramedOut(audioOnly) {
  if (window.top === window.self) return false;
  // @ts-ignore: two names, and not every browser has one
  const policy = document.permissionsPolicy ?? document.featurePolicy;
  return policy?.allowsFeature(audioOnly ? "microphone" : "camera") === false;
}

/** @param {string} name @returns {Promise<"granted" | "denied" | "prompt" | "unknown">} */
async function permission(name) {
  try {
    // @ts-ignore: not every browser knows the name
    return (await navigator.permissions.query({ name })).state;
  } catch {
    return "unknown";
  }
}
export const cameraPermission = () => permission("camera");
export const microphonePermission = () => permission("microphone");

/** @param {string} text @returns {Promise<boolean>} whether the clipboard took it */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Keeps the screen awake while recording; a browser that cannot simply does not. The lock is lost whenever the page is
 * hidden, so it is taken again each time the page comes back.
 * @returns {() => void} release
 */
export function keepAwake() {
  /** @type {WakeLockSentinel | null} */
  let lock = null;
  let released = false;
  const release = () => void lock?.release().catch(() => {});
  const take = async () => {
    if (document.hidden) return;
    try {
      lock = await navigator.wakeLock.request("screen");
      if (released) release();
    } catch {
      lock = null;
    }
  };
  document.addEventListener("visibilitychange", take);
  void take();
  return () => {
    released = true;
    document.removeEventListener("visibilitychange", take);
    release();
  };
}
