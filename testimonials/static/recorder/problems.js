/** What can go wrong, each with its own sentence and the ways out. Only ways that the campaign has open are among them. */
import { offers } from "./config.js";
import { isPhone, platform } from "./environment.js";
import { join } from "./messages.js";
import { t } from "./text.js";

const UNBLOCK = {
  ios: [t("Tap the page symbol or “aA” in the address bar"), t("Choose Website Settings, then set Camera and Microphone to Allow")],
  android: [t("Tap the symbol at the start of the address bar"), t("Choose Permissions, then allow Camera and Microphone")],
  firefox: [t("Click the crossed-out camera in the address bar"), t("Remove the block beside Camera and Microphone")],
  safari: [t("Open the Safari menu, then Settings for This Website"), t("Set Camera and Microphone to Allow")],
  chrome: [t("Click the symbol at the start of the address bar"), t("Switch on Camera and Microphone")],
};

/**
 * @typedef {[label: string, act: string, icon: string]} Way
 *
 * @typedef {object} Problem
 * @property {string} icon
 * @property {string} title
 * @property {string} words
 * @property {string[]} [steps]
 * @property {string} [safe] what was not lost
 * @property {Way} main the way out
 * @property {Way[]} ways others
 */

/** What the campaign must have open for an act; all others lead on everywhere. @type {Record<string, string[]>} */
const NEEDS = {
  upload: ["upload"], audio: ["audio"], camera: ["record"], "camera-again": ["record", "audio"], "native-camera": ["record", "upload"], write: ["text"], photo: ["photo"],
};
/** @param {Way} way */
const isOpen = ([, act]) => !(act in NEEDS) || offers(...NEEDS[act]);

/** @type {Way} */
const UPLOAD = [t("Upload a video"), "upload", "upload"];
/** @type {Way} */
const ANOTHER = [t("Choose another video"), "upload", "upload"];
/** @type {Way} */
const COPY = [t("Copy the link"), "copy-link", "copy"];
/** @type {Way} */
const CAMERA_AGAIN = [t("Try the camera again"), "camera-again", "rotate-ccw"];
/** @type {Way} */
const RECORD = [t("Record one here"), "camera", "video"];
/** @type {Way} */
const VOICE = [t("Record my voice alone"), "audio", "mic"];
/** @type {Way} */
const VOICE_AGAIN = [t("Try the microphone again"), "audio", "rotate-ccw"];
/** @type {Way} */
const SAVE = [t("Save a copy"), "save-copy", "download"];
/** What needs no camera of ours. A phone's own camera app needs nothing of the browser. @type {Way[]} */
const ELSE = [...(isPhone ? [/** @type {Way} */ ([t("Use my camera app"), "native-camera", "smartphone"])] : []), UPLOAD, [t("In writing"), "write", "pencil"], [t("A photo and words"), "photo", "image"]];

const PLACE_KEPT = t("Your place is kept. Nothing to fill in again.");
const SETTING = t("That’s a setting in your browser. Two taps bring it back:");
const CLOSE_OTHERS = t("Close Zoom, Teams, FaceTime or whatever else may be using it, then try again.");
const PLUG_IN = t("Plug one in and try again, open this link on your phone, or take another way below.");

/** @typedef {{detail?: string, limit?: string, found?: string}} Context */
/** @type {Record<string, (context: Context) => Problem>} */
const PROBLEMS = {
  blocked: () => ({ icon: "camera-off", title: t("Your camera is switched off for this page"), words: SETTING, steps: UNBLOCK[platform()], safe: PLACE_KEPT, main: CAMERA_AGAIN, ways: [...ELSE, COPY] }),
  dismissed: () => ({ icon: "camera-off", title: t("Your browser needs a yes"), words: t("It asked whether this page may use your camera and microphone, and got no answer. Try again and choose Allow."), safe: PLACE_KEPT, main: CAMERA_AGAIN, ways: ELSE }),
  nocamera: () => ({ icon: "camera-off", title: t("We can’t find a camera"), words: join(offers("audio") ? t("There is a microphone, so your voice alone is enough.") : "", PLUG_IN), main: VOICE, ways: [CAMERA_AGAIN, ...ELSE, COPY] }),
  nodevices: () => ({ icon: "camera-off", title: t("We can’t find a camera or a microphone"), words: PLUG_IN, main: UPLOAD, ways: [CAMERA_AGAIN, ...ELSE, COPY] }),
  nomic: () => ({
    icon: "mic-off", title: t("We can’t find a microphone"), main: VOICE_AGAIN, ways: [[t("Use my camera"), "camera", "video"], ...ELSE, COPY],
    words: join(t("Plug one in and try again."), offers("record") ? t("With a camera, you can also be seen without being heard: sign, show or write.") : ""),
  }),
  micblocked: () => ({ icon: "mic-off", title: t("Your microphone is switched off for this page"), words: SETTING, steps: UNBLOCK[platform()], safe: PLACE_KEPT, main: VOICE_AGAIN, ways: [...ELSE, COPY] }),
  micinuse: () => ({ icon: "mic-off", title: t("Another app has your microphone"), words: CLOSE_OTHERS, safe: PLACE_KEPT, main: VOICE_AGAIN, ways: ELSE }),
  framed: () => ({ icon: "camera-off", title: t("This page is shown inside another one"), words: t("That one does not pass your camera and microphone on. In a tab of its own, this page can ask you for them."), safe: PLACE_KEPT, main: [t("Open in a new tab"), "open-tab", "external-link"], ways: [...ELSE, COPY] }),
  inuse: () => ({ icon: "camera-off", title: t("Another app has your camera"), words: CLOSE_OTHERS, safe: PLACE_KEPT, main: CAMERA_AGAIN, ways: [VOICE, ...ELSE] }),
  broken: () => ({ icon: "camera-off", title: t("Your camera would not start"), words: t("Unplugging it or restarting the browser often helps."), main: CAMERA_AGAIN, ways: [VOICE, ...ELSE, COPY] }),
  unloaded: () => ({ icon: "wifi-off", title: t("The camera part did not arrive"), words: t("Your connection was gone for a moment. Try again, and it should be there."), safe: PLACE_KEPT, main: CAMERA_AGAIN, ways: ELSE }),
  slow: () => ({ icon: "clock", title: t("Still waiting for your camera"), words: t("If your browser is asking, choose Allow, and we go on by ourselves. If nothing asks, this app may not let pages use the camera: your browser does."), main: CAMERA_AGAIN, ways: [...ELSE, COPY] }),
  inapp: () => ({ icon: "smartphone", title: t("One hop to your browser"), words: t("You opened this inside another app, and apps like that don’t let pages use the camera. Your browser does."), steps: [t("Tap the menu at the top of this screen"), t("Choose Open in browser, or copy the link and paste it there")], main: COPY, ways: ELSE }),
  unsupported: () => ({ icon: "camera-off", title: t("This browser can’t record"), words: t("Open the link in a current Safari, Chrome, Edge or Firefox, or take another way below."), main: UPLOAD, ways: [...ELSE, COPY] }),
  nothing: () => ({ icon: "camera-off", title: t("Nothing was recorded"), words: t("Your browser gave us no picture. It usually works the second time."), main: CAMERA_AGAIN, ways: ELSE }),
  toolarge: ({ limit = "", found = "" }) => ({ icon: "triangle-alert", title: t("That file is a little too big"), words: t("It has {found}, and up to {limit} can be sent. A shorter one, or one in lower quality, will do.", { found, limit }), main: ANOTHER, ways: [RECORD] }),
  toolong: ({ limit = "", found = "" }) => ({ icon: "triangle-alert", title: t("That video is a little too long"), words: t("It runs {found}, and up to {limit} can be sent. You can trim it in your photo app, or take another one.", { found, limit }), main: ANOTHER, ways: [RECORD] }),
  notphoto: () => ({ icon: "triangle-alert", title: t("That does not look like a photo"), words: t("Choose a picture from your phone or computer: JPEG, PNG and WebP are all fine."), main: [t("Choose another photo"), "photo", "image"], ways: [] }),
  notvideo: () => ({ icon: "triangle-alert", title: t("That does not look like a video"), words: t("Choose a video from your phone or computer: MP4, MOV and WebM are all fine."), main: ANOTHER, ways: [RECORD] }),
  refused: ({ detail }) => ({ icon: "triangle-alert", title: t("The server did not take this video"), words: detail || t("It gave no reason. Your video is still on this page, and trying again is fine."), safe: t("Your video is still here."), main: [t("Try again"), "send-again", "rotate-ccw"], ways: [SAVE, ANOTHER] }),
  lost: () => ({ icon: "triangle-alert", title: t("We can’t read that file any more"), words: t("It may have been moved, or your phone took it back. Choose it once more, and we send it."), main: [t("Choose it again"), "upload", "upload"], ways: [RECORD] }),
  unsent: ({ detail }) => ({ icon: "triangle-alert", title: t("We could not finish that"), words: detail || t("The last step did not go through. Please try once more."), safe: t("Nothing is lost. All of it is still on this page."), main: [t("Try again"), "send-again", "rotate-ccw"], ways: [SAVE] }),
};

/** The first way out that is open is the large one. @param {string} kind @param {Context} [context] @returns {Problem} */
export function problem(kind, context = {}) {
  const found = (PROBLEMS[kind] ?? PROBLEMS.broken)(context);
  const open = [found.main, ...found.ways].filter(isOpen);
  const [main = COPY, ...ways] = open.filter(([, act], index) => open.findIndex((way) => way[1] === act) === index);
  return { ...found, main, ways };
}
