/** Every sentence the scripts say. Markup around them lives in the templates; here is text only, never HTML. */
import { isPhone, platform } from "./environment.js";
import { t } from "./text.js";

export const say = {
  asking: t("Your browser asks for your camera and microphone now. Choose Allow."),
  checkTitle: t("You look great. Say hello?"),
  askTitle: t("May we use your camera?"),
  checkReady: t("Camera ready."),
  countdown: t("Recording starts in 3 seconds."),
  recording: t("Recording."),
  getReady: t("Get ready"),
  paused: t("Paused"),
  pausedAway: t("Paused, because the camera was taken away for a moment. Press Go on when you are ready."),
  resumed: t("Recording again."),
  tenLeft: t("10 seconds left."),
  stopped: t("Recording stopped."),
  atLimit: t("Time is up, and your recording is complete."),
  atSize: t("That was as much as fits, and your recording is complete."),
  deviceGone: t("The camera went away, so the recording ended here. What you said is safe."),
  ownWords: t("In your own words"),
  pause: t("Pause"),
  goOn: t("Go on"),
  next: t("Next"),
  first: t("First"),
  reviewRecorded: t("That was lovely. Keep it?"),
  reviewFile: t("Is this the one?"),
  reviewNote: t("Nobody sees it until you press send"),
  recordAgain: t("Record again"),
  recordHere: t("Record one here"),
  sending: t("Sending…"),
  safeHere: [t("Nothing can get lost while this page is open."), t("If the connection drops, it goes on where it stopped.")],
  copied: t("Link copied"),
  copyFailed: t("Press and hold the link to copy it"),
  consentMissing: t("Please choose at least one place, or nobody can see it."),
  nameMissing: t("Please tell us your name."),
  emailMissing: t("Please give an email address, so that you can come back to your video."),
  emailWrong: t("This email address does not look complete. It should be like name@example.com."),
  saved: t("A copy was saved in your downloads."),
  received: (/** @type {string} */ amount) => t("Safe and complete, {amount}", { amount }),
};

/** Of recordings that outlive the page. */
export const kept = {
  found: (/** @type {string} */ time) => t("We kept what you recorded: {time}", { time }),
  endedEarly: (/** @type {string} */ time) => t("The camera went away, but what you said is safe: {time}", { time }),
  sure: t("Delete what you recorded? It cannot be brought back."),
  deleted: t("It was deleted."),
  full: t("This device has no room for a copy, so please keep this page open until your video is sent."),
  blocked: t("This browser keeps no copies, so please keep this page open until your video is sent."),
  safe: [t("Nothing can get lost, even if this page is closed."), t("If the connection drops, it goes on where it stopped.")],
};

/** @param {string} name the first one */
export const thanks = (name) => (name ? t("Thank you, {name}.", { name }) : t("Thank you."));

export const soundWords = {
  none: t("No microphone, picture only"),
  held: t("No sound at all arrives"),
  on: t("Your microphone is on"),
  silent: t("We can’t hear you yet"),
  quiet: t("A little quiet, come closer"),
  good: t("We hear you well"),
  loud: t("Too loud, move back a little"),
};

export const lightWords = {
  dark: t("A bit dark, face a window or lamp"),
  good: t("Nice and bright"),
  glaring: t("Very bright, turn from the light"),
};

export const ratingWords = ["", t("Unhappy"), t("Not so happy"), t("It was fine"), t("Happy"), t("Delighted")];

/** @param {number} count */
export const fieldsToCheck = (count) =>
  count > 1 ? t("Things that need a look before we can send it: {n}", { n: count }) : t("One thing needs a look before we can send it.");

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
  return t("{part} of {whole}", { part: (Math.min(part, whole) / scale).toFixed(digits), whole: all });
}

/** @param {number} seconds */
export function timeLeft(seconds) {
  if (!Number.isFinite(seconds) || seconds > 3600) return "";
  if (seconds < 8) return t("A few seconds to go.");
  if (seconds < 90) return t("About {n} seconds to go.", { n: Math.round(seconds / 5) * 5 });
  return t("About {n} minutes to go.", { n: Math.round(seconds / 60) });
}

/** The line above the form while the upload runs on. @param {import("./uploader.js").Progress} progress */
export function pillWords({ complete, trouble }) {
  if (complete) return t("Your video has arrived");
  if (trouble === "offline") return t("You’re offline. It goes on by itself");
  if (trouble) return t("Waiting for the connection");
  return t("Your video is on its way");
}

/** Whole sentences one after the other; an empty one leaves no gap. @param {string[]} sentences */
const join = (...sentences) => sentences.filter(Boolean).join(" ");

/**
 * Title and sentence of the sending screen.
 * @param {import("./uploader.js").Progress} progress @returns {[string, string]}
 */
export function sendingWords({ acknowledged, total, trouble, bytesPerSecond, complete }) {
  const arrived = acknowledged ? t("{amount} arrived.", { amount: amountOf(acknowledged, total) }) : t("Nothing arrived yet.");
  if (complete) return [t("Almost there"), t("Your video has arrived. Adding your name to it.")];
  if (trouble === "offline") {
    return [t("You’re offline. It’s safe."), acknowledged ? join(arrived, t("The rest goes by itself once you’re back.")) : t("It starts by itself once you’re back.")];
  }
  if (trouble === "server") return [t("Our side needs a moment"), join(arrived, t("Our server is having trouble, and we keep trying by ourselves."))];
  if (trouble) return [t("The connection is shaky"), join(arrived, t("We keep trying, and it goes on where it stopped."))];
  const left = timeLeft(bytesPerSecond ? (total - acknowledged) / bytesPerSecond : NaN);
  return [t("Almost there"), join(t("{amount} delivered.", { amount: amountOf(acknowledged, total) }), left)];
}

const UNBLOCK = {
  ios: [t("Tap the page symbol or “aA” in the address bar"), t("Choose Website Settings, then set Camera and Microphone to Allow")],
  android: [t("Tap the symbol at the start of the address bar"), t("Choose Permissions, then allow Camera and Microphone")],
  firefox: [t("Click the crossed-out camera in the address bar"), t("Remove the block beside Camera and Microphone")],
  safari: [t("Open the Safari menu, then Settings for This Website"), t("Set Camera and Microphone to Allow")],
  chrome: [t("Click the symbol at the start of the address bar"), t("Switch on Camera and Microphone")],
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
const UPLOAD = [t("Upload a video"), "upload"];
/** @type {[string, string]} */
const COPY = [t("Copy the link"), "copy-link"];
/** @type {[string, string]} */
const CAMERA_AGAIN = [t("Try the camera again"), "camera-again"];
/** @type {[string, string]} */
const VOICE = [t("Record my voice alone"), "audio"];
/** @type {[string, string]} */
const VOICE_AGAIN = [t("Try the microphone again"), "audio"];
/** A phone's own camera app needs nothing of the browser. @type {[string, string][]} */
const CAMERA_APP = isPhone ? [[t("Use my camera app"), "native-camera"]] : [];
const PLACE_KEPT = t("Your place is kept. Nothing to fill in again.");

/** @type {Record<string, (context: {detail?: string, limit?: string, found?: string}) => Problem>} */
const PROBLEMS = {
  blocked: () => ({ icon: "camera-off", title: t("Your camera is switched off for this page"), words: t("That’s a setting in your browser. Two taps bring it back:"), steps: UNBLOCK[platform()], safe: PLACE_KEPT, main: CAMERA_AGAIN, ways: [...CAMERA_APP, UPLOAD, COPY] }),
  dismissed: () => ({ icon: "camera-off", title: t("Your browser needs a yes"), words: t("It asked whether this page may use your camera and microphone, and got no answer. Try again and choose Allow."), safe: PLACE_KEPT, main: CAMERA_AGAIN, ways: [...CAMERA_APP, UPLOAD] }),
  nocamera: () => ({ icon: "camera-off", title: t("We can’t find a camera"), words: t("There is a microphone, so your voice alone is one way. Or plug a camera in, open this link on your phone, or upload a video you already have."), main: VOICE, ways: [UPLOAD, CAMERA_AGAIN, COPY] }),
  nodevices: () => ({ icon: "camera-off", title: t("We can’t find a camera or a microphone"), words: t("Plug one in and try again, open this link on your phone, or upload a video you already have."), main: UPLOAD, ways: [...CAMERA_APP, CAMERA_AGAIN, COPY] }),
  nomic: () => ({ icon: "mic-off", title: t("We can’t find a microphone"), words: t("Plug one in and try again. With a camera, you can also be seen without being heard: sign, show or write."), main: VOICE_AGAIN, ways: [[t("Use my camera"), "camera"], UPLOAD, COPY] }),
  micblocked: () => ({ icon: "mic-off", title: t("Your microphone is switched off for this page"), words: t("That’s a setting in your browser. Two taps bring it back:"), steps: UNBLOCK[platform()], safe: PLACE_KEPT, main: VOICE_AGAIN, ways: [UPLOAD, COPY] }),
  micinuse: () => ({ icon: "mic-off", title: t("Another app has your microphone"), words: t("Close Zoom, Teams, FaceTime or whatever else may be using it, then try again."), safe: PLACE_KEPT, main: VOICE_AGAIN, ways: [UPLOAD] }),
  framed: () => ({ icon: "camera-off", title: t("This page is shown inside another one"), words: t("That one does not pass your camera and microphone on. In a tab of its own, this page can ask you for them."), safe: PLACE_KEPT, main: [t("Open in a new tab"), "open-tab"], ways: [...CAMERA_APP, UPLOAD, COPY] }),
  inuse: () => ({ icon: "camera-off", title: t("Another app has your camera"), words: t("Close Zoom, Teams, FaceTime or whatever else may be using it, then try again."), safe: PLACE_KEPT, main: CAMERA_AGAIN, ways: [VOICE, ...CAMERA_APP, UPLOAD] }),
  broken: () => ({ icon: "camera-off", title: t("Your camera would not start"), words: t("Unplugging it or restarting the browser often helps. A video from your phone works just as well."), main: CAMERA_AGAIN, ways: [VOICE, ...CAMERA_APP, UPLOAD, COPY] }),
  unloaded: () => ({ icon: "wifi-off", title: t("The camera part did not arrive"), words: t("Your connection was gone for a moment. Try again, and it should be there."), safe: PLACE_KEPT, main: CAMERA_AGAIN, ways: [...CAMERA_APP, UPLOAD] }),
  slow: () => ({ icon: "clock", title: t("Still waiting for your camera"), words: t("If your browser is asking, choose Allow, and we go on by ourselves. If nothing asks, this app may not let pages use the camera: your browser does."), main: CAMERA_AGAIN, ways: [...CAMERA_APP, UPLOAD, COPY] }),
  inapp: () => ({ icon: "smartphone", title: t("One hop to your browser"), words: t("You opened this inside another app, and apps like that don’t let pages use the camera. Your browser does."), steps: [t("Tap the menu at the top of this screen"), t("Choose Open in browser, or copy the link and paste it there")], main: COPY, ways: [...CAMERA_APP, UPLOAD] }),
  unsupported: () => ({ icon: "camera-off", title: t("This browser can’t record"), words: t("Open the link in a current Safari, Chrome, Edge or Firefox, or upload a video you already have."), main: UPLOAD, ways: [...CAMERA_APP, COPY] }),
  nothing: () => ({ icon: "camera-off", title: t("Nothing was recorded"), words: t("Your browser gave us no picture. It usually works the second time."), main: CAMERA_AGAIN, ways: [UPLOAD] }),
  toolarge: ({ limit = "", found = "" }) => ({ icon: "triangle-alert", title: t("That file is a little too big"), words: t("It has {found}, and up to {limit} can be sent. A shorter one, or one in lower quality, will do.", { found, limit }), main: [t("Choose another video"), "upload"], ways: [[t("Record one here"), "camera"]] }),
  toolong: ({ limit = "", found = "" }) => ({ icon: "triangle-alert", title: t("That video is a little too long"), words: t("It runs {found}, and up to {limit} can be sent. You can trim it in your photo app, or record a new one here.", { found, limit }), main: [t("Choose another video"), "upload"], ways: [[t("Record one here"), "camera"]] }),
  notphoto: () => ({ icon: "triangle-alert", title: t("That does not look like a photo"), words: t("Choose a picture from your phone or computer: JPEG, PNG and WebP are all fine."), main: [t("Choose another photo"), "photo"] }),
  notvideo: () => ({ icon: "triangle-alert", title: t("That does not look like a video"), words: t("Choose a video from your phone or computer: MP4, MOV and WebM are all fine."), main: [t("Choose another video"), "upload"], ways: [[t("Record one here"), "camera"]] }),
  refused: ({ detail }) => ({ icon: "triangle-alert", title: t("The server did not take this video"), words: detail || t("It gave no reason. Your video is still on this page, and trying again is fine."), safe: t("Your video is still here."), main: [t("Try again"), "send-again"], ways: [[t("Save a copy"), "save-copy"], [t("Choose another video"), "upload"]] }),
  lost: () => ({ icon: "triangle-alert", title: t("We can’t read that file any more"), words: t("It may have been moved, or your phone took it back. Choose it once more, and we send it."), main: [t("Choose it again"), "upload"], ways: [[t("Record one here"), "camera"]] }),
  unsent: ({ detail }) => ({ icon: "triangle-alert", title: t("We could not finish that"), words: detail || t("Your video has arrived, but the last step did not go through. Please try once more."), safe: t("Your video is safe with us."), main: [t("Try again"), "send-again"], ways: [[t("Save a copy"), "save-copy"]] }),
};

/** @param {string} kind @param {{detail?: string, limit?: string, found?: string}} [context] @returns {Problem} */
export const problem = (kind, context = {}) => (PROBLEMS[kind] ?? PROBLEMS.broken)(context);
