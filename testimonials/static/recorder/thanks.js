/** After the last tap: how the video is being made ready, for whoever likes to watch. Nothing depends on this page any more. */
import { config } from "./config.js";
import { amount, clock, say, thanks } from "./messages.js";
import { part, show, write } from "./screens.js";
import { t } from "./text.js";

const POLL_MS = 1500;
const ONWARD_MS = 10_000;
const MOST_POLLS = 400;

/**
 * @param {object} sent zero: none, or not known
 * @param {string} sent.manageUrl
 * @param {string} sent.name
 * @param {string} sent.email
 * @param {number} sent.bytes
 * @param {number} sent.seconds
 * @param {boolean} sent.hasPicture
 * @param {boolean} sent.isMade something is made of it that plays
 */
export function open({ manageUrl, name, email, bytes, seconds, hasPicture, isMade }) {
  write("thanks-title", thanks(name.split(/\s+/)[0]));
  if (bytes) write("thanks-size", say.received(amount(bytes)));
  write("thanks-length", clock(seconds));
  part("thanks-length").hidden = !seconds;
  part("thanks-making").hidden = !isMade;
  part("thanks-mail").hidden = !email || !config.mail || config.replace;
  write("thanks-mail", t("The link is also on its way to {email}.", { email }));
  part("thanks-picture").classList.toggle("bare", !hasPicture);
  /** @type {HTMLAnchorElement} */ (part("manage-link")).href = manageUrl;
  show("thanks");
  if (config.onward) goOn(Boolean(email) && config.mail);
  if (self !== top) /** @type {HTMLAnchorElement} */ (part("manage-link")).target = "_blank"; // it can be shown in no frame
  void follow(manageUrl);
}

/**
 * The way on to where the business leads. By itself only where the customer's own link is in their mail, and not once they
 * have touched anything.
 * @param {boolean} byItself
 */
function goOn(byItself) {
  const link = /** @type {HTMLAnchorElement} */ (part("onward"));
  if (self !== top) link.target = "_top";
  if (!byItself || self !== top) return;
  part("onward-note").hidden = false;
  const timer = setTimeout(() => location.assign(link.href), ONWARD_MS);
  for (const kind of ["pointerdown", "keydown", "wheel"]) {
    addEventListener(kind, () => (clearTimeout(timer), (part("onward-note").hidden = true)), { once: true });
  }
}

/** @param {string} manageUrl */
async function follow(manageUrl) {
  const address = `${new URL(manageUrl, location.href).pathname}/state.json`;
  for (let poll = 0; poll < MOST_POLLS; poll += 1) {
    const response = await fetch(address, { cache: "no-store", headers: { Accept: "application/json", "Accept-Language": document.documentElement.lang } }).catch(() => null);
    if (response?.ok) {
      const state = await response.json();
      draw(state);
      if (state.media === "ready" || state.media === "failed") return;
    }
    await new Promise((resolve) => setTimeout(resolve, document.hidden ? POLL_MS * 4 : POLL_MS));
  }
}

/** @param {{media: string, percent: number | null, detail: string}} state */
function draw({ media, percent, detail }) {
  const step = part("thanks-making");
  step.classList.toggle("done", media === "ready");
  step.classList.toggle("now", media === "processing");
  step.classList.toggle("stop", media === "failed");
  if (media === "ready") {
    write("thanks-making-title", t("Ready for the web"));
    write("thanks-making-words", t("Plays on every phone and computer"));
  } else if (media === "failed") {
    write("thanks-making-title", t("Could not be made ready"));
    write("thanks-making-words", detail);
  } else if (media === "processing" && percent !== null) {
    write("thanks-making-words", t("{n} percent done", { n: Math.round(percent) }));
  }
}
