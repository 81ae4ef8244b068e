/** Every sentence the scripts say. Markup around them lives in the templates; here is text only, never HTML. */
import { platform } from "./environment.js";

export const say = {
  asking: "Your browser asks for your camera and microphone now. Choose Allow.",
  checkTitle: "You look great. Say hello?",
  askTitle: "May we use your camera?",
  checkReady: "Camera ready.",
  countdown: "Recording starts in 3 seconds.",
  recording: "Recording.",
  getReady: "Get ready",
  paused: "Paused",
  pausedAway: "Paused, because the camera was taken away for a moment. Press Go on when you are ready.",
  resumed: "Recording again.",
  tenLeft: "10 seconds left.",
  stopped: "Recording stopped.",
  atLimit: "Time is up, and your recording is complete.",
  atSize: "That was as much as fits, and your recording is complete.",
  deviceGone: "The camera went away, so the recording ended here. What you said is safe.",
  ownWords: "In your own words",
  pause: "Pause",
  goOn: "Go on",
  next: "Next",
  first: "First",
  reviewRecorded: "That was lovely. Keep it?",
  reviewFile: "Is this the one?",
  reviewNote: "Nobody sees it until you press send",
  recordAgain: "Record again",
  recordHere: "Record one here",
  sending: "Sending…",
  safeHere: ["Nothing can get lost while this page is open.", "If the connection drops, it goes on where it stopped."],
  copied: "Link copied",
  copyFailed: "Press and hold the link to copy it",
  nameMissing: "Please tell us your name.",
  emailMissing: "Please give an email address, so that you can come back to your video.",
  emailWrong: "This email address does not look complete. It should be like name@example.com.",
  saved: "A copy was saved in your downloads.",
  thanksPlain: "Thank you.",
};

export const soundWords = {
  none: "No microphone, picture only",
  silent: "We can’t hear you yet",
  quiet: "A little quiet, come closer",
  good: "We hear you well",
  loud: "Too loud, move back a little",
};

export const lightWords = {
  dark: "A bit dark, face a window or lamp",
  good: "Nice and bright",
  glaring: "Very bright, turn from the light",
};

export const ratingWords = ["", "Unhappy", "Not so happy", "It was fine", "Happy", "Delighted"];

/** @param {number} count */
export const fieldsToCheck = (count) =>
  count > 1 ? `${count} things need a look before we can send it.` : "One thing needs a look before we can send it.";

/** @param {number} seconds */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds + 0.05));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Bytes as a person says them: 340 kB, 4.2 MB, 48 MB. @param {number} bytes */
export function amount(bytes) {
  if (bytes < 1e6) return `${Math.max(1, Math.round(bytes / 1000))} kB`;
  const mega = bytes / 1e6;
  return mega < 10 ? `${mega.toFixed(1)} MB` : mega < 1000 ? `${Math.round(mega)} MB` : `${(mega / 1000).toFixed(1)} GB`;
}

/** "34 of 48 MB": the unit once, where both share it. @param {number} part @param {number} whole */
export function amountOf(part, whole) {
  const all = amount(whole);
  const unit = all.split(" ")[1];
  const scale = { kB: 1e3, MB: 1e6, GB: 1e9 }[unit] ?? 1;
  const digits = all.includes(".") ? 1 : 0;
  return `${(Math.min(part, whole) / scale).toFixed(digits)} of ${all}`;
}

/** @param {number} seconds */
export function timeLeft(seconds) {
  if (!Number.isFinite(seconds) || seconds > 3600) return "";
  if (seconds < 8) return "A few seconds to go.";
  if (seconds < 90) return `About ${Math.round(seconds / 5) * 5} seconds to go.`;
  return `About ${Math.round(seconds / 60)} minutes to go.`;
}

/** The line above the form while the upload runs on. @param {import("./uploader.js").Progress} progress */
export function pillWords({ complete, trouble }) {
  if (complete) return "Your video has arrived";
  if (trouble === "offline") return "You’re offline. It goes on by itself";
  if (trouble) return "Waiting for the connection";
  return "Your video is on its way";
}

/**
 * Title and sentence of the sending screen.
 * @param {import("./uploader.js").Progress} progress @returns {[string, string]}
 */
export function sendingWords({ acknowledged, total, trouble, bytesPerSecond, complete }) {
  const arrived = acknowledged ? `${amountOf(acknowledged, total)} arrived` : "Nothing arrived yet";
  if (complete) return ["Almost there", "Your video has arrived. Adding your name to it."];
  if (trouble === "offline") return ["You’re offline. It’s safe.", acknowledged ? `${arrived} before the connection dropped. The rest goes by itself once you’re back.` : "It starts by itself once you’re back."];
  if (trouble === "server") return ["Our side needs a moment", `${arrived}. Our server is having trouble, and we keep trying by ourselves.`];
  if (trouble) return ["The connection is shaky", `${arrived}. We keep trying, and it goes on where it stopped.`];
  return ["Almost there", `${amountOf(acknowledged, total)} delivered. ${timeLeft(bytesPerSecond ? (total - acknowledged) / bytesPerSecond : NaN)}`.trim()];
}

const UNBLOCK = {
  ios: ["Tap the page symbol or “aA” in the address bar", "Choose Website Settings, then set Camera and Microphone to Allow"],
  android: ["Tap the symbol at the start of the address bar", "Choose Permissions, then allow Camera and Microphone"],
  firefox: ["Click the crossed-out camera in the address bar", "Remove the block beside Camera and Microphone"],
  safari: ["Open the Safari menu, then Settings for This Website", "Set Camera and Microphone to Allow"],
  chrome: ["Click the symbol at the start of the address bar", "Switch on Camera and Microphone"],
};

/**
 * @typedef {object} Problem
 * @property {string} icon
 * @property {string} title
 * @property {string} words
 * @property {string[]} [steps]
 * @property {string} [safe] what was not lost
 * @property {[label: string, act: string]} main the way out
 * @property {[label: string, act: string][]} [ways] others
 */

/** @type {[string, string]} */
const UPLOAD = ["Upload a video", "upload"];
/** @type {[string, string]} */
const COPY = ["Copy the link", "copy-link"];
/** @type {[string, string]} */
const CAMERA_AGAIN = ["Try the camera again", "camera"];
const PLACE_KEPT = "Your place is kept. Nothing to fill in again.";

/** @type {Record<string, (context: {detail?: string, limit?: string, found?: string}) => Problem>} */
const PROBLEMS = {
  blocked: () => ({ icon: "camera-off", title: "Your camera is switched off for this page", words: "That’s a setting in your browser. Two taps bring it back:", steps: UNBLOCK[platform()], safe: PLACE_KEPT, main: CAMERA_AGAIN, ways: [UPLOAD, COPY] }),
  dismissed: () => ({ icon: "camera-off", title: "Your browser needs a yes", words: "It asked whether this page may use your camera and microphone, and got no answer. Try again and choose Allow.", safe: PLACE_KEPT, main: CAMERA_AGAIN, ways: [UPLOAD] }),
  nocamera: () => ({ icon: "camera-off", title: "We can’t find a camera", words: "Plug one in and try again, open this link on your phone, or upload a video you already have.", main: ["Upload a video", "upload"], ways: [CAMERA_AGAIN, COPY] }),
  inuse: () => ({ icon: "camera-off", title: "Another app has your camera", words: "Close Zoom, Teams, FaceTime or whatever else may be using it, then try again.", safe: PLACE_KEPT, main: CAMERA_AGAIN, ways: [UPLOAD] }),
  broken: () => ({ icon: "camera-off", title: "Your camera would not start", words: "Unplugging it or restarting the browser often helps. A video from your phone works just as well.", main: CAMERA_AGAIN, ways: [UPLOAD, COPY] }),
  slow: () => ({ icon: "clock", title: "Still waiting for your camera", words: "If your browser is asking, choose Allow, and we go on by ourselves. If nothing asks, this app may not let pages use the camera: your browser does.", main: CAMERA_AGAIN, ways: [UPLOAD, COPY] }),
  inapp: () => ({ icon: "smartphone", title: "One hop to your browser", words: "You opened this inside another app, and apps like that don’t let pages use the camera. Your browser does.", steps: ["Tap the menu at the top of this screen", "Choose Open in browser, or copy the link and paste it there"], main: ["Copy the link", "copy-link"], ways: [UPLOAD] }),
  unsupported: () => ({ icon: "camera-off", title: "This browser can’t record", words: "Open the link in a current Safari, Chrome, Edge or Firefox, or upload a video you already have.", main: ["Upload a video", "upload"], ways: [COPY] }),
  nothing: () => ({ icon: "camera-off", title: "Nothing was recorded", words: "Your browser gave us no picture. It usually works the second time.", main: CAMERA_AGAIN, ways: [UPLOAD] }),
  toolarge: ({ limit, found }) => ({ icon: "triangle-alert", title: "That file is a little too big", words: `It has ${found}, and up to ${limit} can be sent. A shorter one, or one in lower quality, will do.`, main: ["Choose another video", "upload"], ways: [["Record one here", "camera"]] }),
  toolong: ({ limit, found }) => ({ icon: "triangle-alert", title: "That video is a little too long", words: `It runs ${found}, and up to ${limit} can be sent. You can trim it in your photo app, or record a new one here.`, main: ["Choose another video", "upload"], ways: [["Record one here", "camera"]] }),
  notvideo: () => ({ icon: "triangle-alert", title: "That does not look like a video", words: "Choose a video from your phone or computer: MP4, MOV and WebM are all fine.", main: ["Choose another video", "upload"], ways: [["Record one here", "camera"]] }),
  refused: ({ detail }) => ({ icon: "triangle-alert", title: "The server did not take this video", words: detail || "It gave no reason. Your video is still on this page, and trying again is fine.", safe: "Your video is still here.", main: ["Try again", "send-again"], ways: [["Save a copy", "save-copy"], ["Choose another video", "upload"]] }),
  lost: () => ({ icon: "triangle-alert", title: "We can’t read that file any more", words: "It may have been moved, or your phone took it back. Choose it once more, and we send it.", main: ["Choose it again", "upload"], ways: [["Record one here", "camera"]] }),
  unsent: ({ detail }) => ({ icon: "triangle-alert", title: "We could not finish that", words: detail || "Your video has arrived, but the last step did not go through. Please try once more.", safe: "Your video is safe with us.", main: ["Try again", "send-again"], ways: [["Save a copy", "save-copy"]] }),
};

/** @param {string} kind @param {{detail?: string, limit?: string, found?: string}} [context] @returns {Problem} */
export const problem = (kind, context = {}) => (PROBLEMS[kind] ?? PROBLEMS.broken)(context);
