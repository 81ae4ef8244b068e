/** Every sentence the scripts say. Markup around them lives in the templates; here is text only, never HTML. */
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
  useVideo: t("Use this video"),
  useSound: t("Use this recording"),
  recordHere: t("Record one here"),
  sending: t("Sending…"),
  safeHere: [t("Nothing can get lost while this page is open."), t("If the connection drops, it goes on where it stopped.")],
  copied: t("Link copied"),
  copyFailed: t("The link is selected. Copy it with your keyboard or by holding it."),
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

const { lang, dir } = document.documentElement;

/** @param {number} value @param {number} digits after the point */
const number = (value, digits) => value.toLocaleString(`${lang || "en"}-u-nu-latn`, { minimumFractionDigits: digits, maximumFractionDigits: digits });

/** Number and unit stay in this order where the words around them run from right to left. @param {string} text */
const leftToRight = (text) => (dir === "rtl" ? `\u2066${text}\u2069` : text);

/** @param {number} bytes @returns {[scale: number, digits: number, unit: string]} */
function unitOf(bytes) {
  if (bytes < 1e6) return [1e3, 0, "kB"];
  if (bytes < 999.5e6) return [1e6, bytes < 9.95e6 ? 1 : 0, "MB"];
  return [1e9, 1, "GB"];
}

/** Bytes as a person says them: 340 kB, 4.2 MB, 48 MB. @param {number} bytes */
export function amount(bytes) {
  const [scale, digits, unit] = unitOf(bytes);
  return leftToRight(`${number(Math.max(bytes / scale, digits ? 0 : 1), digits)} ${unit}`);
}

/** "34 of 48 MB": the unit once, where both share it. @param {number} part @param {number} whole */
export function amountOf(part, whole) {
  const [scale, digits] = unitOf(whole);
  return t("{part} of {whole}", { part: number(Math.min(part, whole) / scale, digits), whole: amount(whole) });
}

/** @param {number} seconds */
export function timeLeft(seconds) {
  if (!Number.isFinite(seconds) || seconds > 3600) return "";
  if (seconds < 8) return t("A few seconds to go.");
  if (seconds < 90) return t("About {n} seconds to go.", { n: Math.round(seconds / 5) * 5 });
  return t("About {n} minutes to go.", { n: Math.round(seconds / 60) });
}

/** The line above the form while the upload runs on. @param {import("./uploader.js").Progress} progress @param {boolean} isVideo */
export function pillWords({ complete, trouble }, isVideo) {
  if (complete) return isVideo ? t("Your video has arrived") : t("It has arrived");
  if (trouble === "offline") return t("You’re offline. It goes on by itself");
  if (trouble) return t("Waiting for the connection");
  return isVideo ? t("Your video is on its way") : t("It is on its way");
}

/** Whole sentences one after the other; an empty one leaves no gap. @param {string[]} sentences */
export const join = (...sentences) => sentences.filter(Boolean).join(" ");

/**
 * Title and sentence of the sending screen.
 * @param {import("./uploader.js").Progress} progress @param {boolean} isVideo @returns {[string, string]}
 */
export function sendingWords({ acknowledged, total, trouble, bytesPerSecond, complete }, isVideo) {
  const arrived = acknowledged ? t("{amount} arrived.", { amount: amountOf(acknowledged, total) }) : t("Nothing arrived yet.");
  if (complete) return [t("Almost there"), isVideo ? t("Your video has arrived. Adding your name to it.") : t("It has arrived. Adding your name to it.")];
  if (trouble === "offline") {
    return [t("You’re offline. It’s safe."), acknowledged ? join(arrived, t("The rest goes by itself once you’re back.")) : t("It starts by itself once you’re back.")];
  }
  if (trouble === "server") return [t("Our side needs a moment"), join(arrived, t("Our server is having trouble, and we keep trying by ourselves."))];
  if (trouble) return [t("The connection is shaky"), join(arrived, t("We keep trying, and it goes on where it stopped."))];
  const left = timeLeft(bytesPerSecond ? (total - acknowledged) / bytesPerSecond : NaN);
  return [t("Almost there"), join(t("{amount} delivered.", { amount: amountOf(acknowledged, total) }), left)];
}
