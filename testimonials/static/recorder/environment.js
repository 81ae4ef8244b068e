/** What kind of browser this is, as far as the way out of a problem depends on it. Features decide; names only choose words. */

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

/** @returns {Promise<"granted" | "denied" | "prompt" | "unknown">} */
export async function cameraPermission() {
  try {
    // @ts-ignore: not every browser knows the name
    return (await navigator.permissions.query({ name: "camera" })).state;
  } catch {
    return "unknown";
  }
}

/** @param {string} text @returns {Promise<boolean>} whether the clipboard took it */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Keeps the screen awake while recording; a browser that cannot simply does not. @returns {Promise<() => void>} release */
export async function keepAwake() {
  try {
    const lock = await navigator.wakeLock.request("screen");
    return () => void lock.release().catch(() => {});
  } catch {
    return () => {};
  }
}
