/** The page's way from "welcome" to "thank you". Binds camera, takes, uploads and the form to the screens. */
import { Camera } from "./camera.js";
import { CameraProblem } from "./capture.js";
import * as details from "./details.js";
import { canRecord, copyText, isInApp } from "./environment.js";
import { amount, amountOf, clock, pillWords, say, sendingWords } from "./messages.js";
import * as review from "./review.js";
import { act, announce, drawArc, flash, part, screen, show, showProblem, write } from "./screens.js";
import { BytesLost } from "./spool.js";
import { submit, SubmissionRefused, SubmissionUnreached } from "./submission.js";
import { fileTake, recordedTake, saveCopy } from "./take.js";
import { UploadRefused } from "./uploader.js";

const config = JSON.parse(document.getElementById("recorder-config")?.textContent ?? "{}");
const LONGER_IS_FINE_SECONDS = 1; // a phone's idea of two minutes may be a little over

/** @typedef {import("./take.js").Take} Take */
let take = /** @type {Take | null} */ (null); // the one that will be sent
let next = /** @type {Take | null} */ (null); // being recorded; takes the place of `take` once it is complete
let sending = false;
let sent = false;
let uploadGone = false; // it expired on the server; what it held is still here

const camera = new Camera({
  config,
  onSlow: () => showProblem(isInApp ? "inapp" : "slow"),
  onProblem: (error) => {
    camera.close();
    void dropNext();
    showProblem(error instanceof CameraProblem ? error.kind : "broken");
  },
  onStart: (type) => {
    next = recordedTake(type, config, progressed);
    take?.upload.hold(true); // the line belongs to the take being recorded
    startUpload(next);
    const { spool, upload } = next;
    return async (bytes) => {
      await spool.append(bytes);
      upload.nudge();
      if (spool.size > config.max_bytes * 0.98) camera.full();
    };
  },
  onDone: ({ seconds, reason }) => void recorded(seconds, reason),
});

/** @param {Take} started */
function startUpload(started) {
  started.upload.start().catch((error) => {
    started.failure = error;
    if (started === take && (screen() === "sending" || screen() === "details")) uploadFailed(error);
  });
}

/** @param {number} seconds @param {string} reason */
async function recorded(seconds, reason) {
  const made = next;
  next = null;
  if (!made || made.spool.size === 0) {
    void made?.drop();
    return showProblem("nothing");
  }
  made.upload.finish();
  made.seconds = seconds;
  void take?.drop();
  take = made;
  const notes = { limit: say.atLimit, size: say.atSize, device: say.deviceGone, broken: say.deviceGone };
  await toReview(say.reviewRecorded, notes[reason] ?? say.stopped);
}

async function dropNext() {
  const left = next;
  next = null;
  take?.upload.hold(false);
  await left?.drop();
}

/** @param {string} title @param {string} words announced, and shown where they explain an ending */
async function toReview(title, words) {
  const kept = /** @type {Take} */ (take);
  write("review-title", title);
  write("review-note", words === say.stopped ? say.reviewNote : words);
  act("again").hidden = !canRecord();
  write("again-words", title === say.reviewFile ? say.recordHere : say.recordAgain);
  part("other-file").hidden = title !== say.reviewFile;
  show("review");
  announce(words);
  kept.seconds = await review.load(await kept.spool.toBlob(kept.type), kept.seconds);
}

/** @param {File} file */
async function chosen(file) {
  const limit = { limit: amount(config.max_bytes), found: amount(file.size) };
  if (file.size === 0 || (file.type && !file.type.startsWith("video/"))) return showProblem("notvideo");
  if (file.size > config.max_bytes) return showProblem("toolarge", limit);
  camera.close();
  const before = take;
  take = fileTake(file, config, progressed);
  startUpload(take);
  await toReview(say.reviewFile, say.reviewNote);
  const seconds = take?.seconds ?? 0;
  if (seconds > config.max_seconds + LONGER_IS_FINE_SECONDS) {
    void take?.drop();
    take = before;
    return showProblem("toolong", { limit: clock(config.max_seconds), found: clock(seconds) });
  }
  void before?.drop();
}

/** @param {Take} of */
function progressed(of) {
  if (of !== take) return;
  const { acknowledged, total, finished, complete, trouble } = of.progress;
  write("pill-words", pillWords(of.progress));
  write("pill-amount", complete ? amount(total) : amountOf(acknowledged, total));
  drawArc("pill-arc", total ? acknowledged / total : 0);
  if (screen() !== "sending") return;
  const [title, words] = sendingWords(of.progress);
  const titleChanged = part("sending-title").textContent !== title;
  write("sending-title", title);
  write("sending-words", words);
  if (titleChanged && finished) announce(`${title} ${words}`);
  drawArc("sending-arc", total ? acknowledged / total : 0);
  part("sending-ring").classList.toggle("away", Boolean(trouble));
  part("sending-badge").hidden = !trouble;
  act("retry").hidden = !trouble;
}

function use() {
  review.pause();
  if (!take) return show("welcome");
  if (take.failure) return uploadFailed(take.failure);
  show("details");
  progressed(take);
}

/** The last tap. What is still on its way is waited for on its own screen. */
async function send() {
  const gaps = details.findGaps();
  if (Object.keys(gaps).length) return details.showErrors(gaps);
  if (sending || !take) return;
  sending = true;
  details.clearErrors();
  busy(true);
  try {
    if (!take.upload.complete) {
      showSending();
      await (take.upload.done ?? take.restart());
    }
    const answer = await submit(config.submit, { upload: take.upload.token, ...details.read() });
    thank(answer);
  } catch (error) {
    sendFailed(error);
  } finally {
    sending = false;
    busy(false);
  }
}

/** @param {boolean} on */
function busy(on) {
  const button = act("send");
  const words = /** @type {HTMLElement} */ (button.querySelector("span"));
  button.setAttribute("aria-busy", String(on));
  button.dataset.idle ??= words.textContent ?? "";
  words.textContent = on ? say.sending : button.dataset.idle;
}

function showSending() {
  const [lead, rest] = say.safeHere;
  part("sending-safe").replaceChildren(Object.assign(document.createElement("b"), { textContent: lead }), ` ${rest}`);
  show("sending");
  if (take) progressed(take);
}

/** @param {unknown} error */
function sendFailed(error) {
  if (error instanceof SubmissionRefused && Object.keys(error.errors).length) {
    show("details");
    details.showErrors(error.errors);
  } else if (error instanceof SubmissionRefused) {
    uploadGone = error.status === 404 || error.status === 410; // it expired; the bytes are still in this page
    showProblem("unsent", { detail: error.detail });
  }
  else if (error instanceof SubmissionUnreached) showProblem("unsent");
  else uploadFailed(error);
}

/** @param {unknown} error */
function uploadFailed(error) {
  if (error instanceof UploadRefused) showProblem("refused", { detail: error.detail });
  else if (error instanceof BytesLost) showProblem("lost");
  else showProblem("unsent");
}

/** @param {{token: string, manageUrl: string}} answer */
function thank({ manageUrl }) {
  sent = true;
  const { name } = details.read();
  const total = take?.progress.total ?? 0;
  write("thanks-title", name ? `Thank you, ${name.split(/\s+/)[0]}.` : say.thanksPlain);
  write("thanks-size", `Safe and complete, ${amount(total)}`);
  write("thanks-length", take?.seconds ? clock(take.seconds) : "");
  part("thanks-length").hidden = !take?.seconds;
  part("thanks-picture").classList.toggle("bare", !part("blank").hidden);
  /** @type {HTMLAnchorElement} */ (part("manage-link")).href = manageUrl;
  details.forgetDraft();
  review.unload();
  show("thanks");
  void take?.spool.close();
}

async function sendAgain() {
  if (!take) return show("welcome");
  if (!take.upload.complete || uploadGone) {
    uploadGone = false;
    const again = take;
    again.restart().catch(() => {}); // send() waits for the same promise and says what went wrong
  }
  show("details");
  if (Object.keys(details.findGaps()).length === 0) await send();
}

/** @param {Element} button @param {string} url */
async function copyLink(button, url) {
  const label = /** @type {HTMLElement} */ (button.querySelector("span") ?? button);
  if (await copyText(url)) return flash(label, say.copied);
  const field = /** @type {HTMLInputElement} */ (document.getElementById("page-link"));
  part("problem-link").hidden = false;
  field.value = url;
  field.focus();
  field.select();
  announce(say.copyFailed);
}

function back() {
  const at = screen();
  if (at === "check" || at === "record" || at === "problem") {
    camera.close();
    void dropNext();
  }
  review.pause();
  if (at === "details" || (at !== "review" && take)) show("review");
  else show("welcome");
}

const fileInput = () => /** @type {HTMLInputElement} */ (document.querySelector('input[type="file"][name="video"]'));
/** @type {Record<string, (button: HTMLElement) => unknown>} */
const ACTS = {
  back,
  camera: () => camera.open(),
  again: () => { review.pause(); return camera.open(); },
  upload: () => fileInput().click(),
  use,
  retry: () => take?.upload.retryNow(),
  "save-copy": () => take && saveCopy(take).then(() => announce(say.saved)),
  "send-again": sendAgain,
  "copy-link": (button) => copyLink(button, location.href),
  "copy-manage": (button) => copyLink(button, /** @type {HTMLAnchorElement} */ (part("manage-link")).href),
};

function bind() {
  document.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest("[data-act]") : null;
    if (button instanceof HTMLElement) void ACTS[button.dataset.act ?? ""]?.(button);
  });
  fileInput().addEventListener("change", ({ target }) => {
    const field = /** @type {HTMLInputElement} */ (target);
    const file = field.files?.[0];
    field.value = ""; // the same file chosen again is a change again, and it must not ride along with the form
    if (file) void chosen(file);
  });
  details.bind(() => void send());
  review.bind();
  addEventListener("beforeunload", (event) => {
    if ((take || next) && !sent) event.preventDefault();
  });
  bindHistory();
}

/** The phone's back gesture goes one screen back instead of throwing the take away. */
function bindHistory() {
  const guard = () => history.state?.inside || history.pushState({ inside: true }, "");
  document.addEventListener("click", ({ target }) => {
    if (target instanceof Element && target.closest('[data-act="camera"], [data-act="upload"]')) guard();
  });
  addEventListener("popstate", () => {
    if (sent || screen() === "welcome") return;
    if (camera.recording) act("stop").click(); // what was said so far is kept
    else if (screen() !== "sending") back();
    if (screen() !== "welcome") guard();
  });
}

bind();
if (isInApp && !canRecord()) showProblem("inapp");
