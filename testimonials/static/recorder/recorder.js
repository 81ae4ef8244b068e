/** The page's way from "welcome" to "thank you". Binds camera, takes, uploads and the form to the screens. */
import { bindBackwards } from "./backwards.js";
import { Camera } from "./camera.js";
import * as comeback from "./comeback.js";
import { config, offers } from "./config.js";
import * as details from "./details.js";
import { CameraProblem, canRecord, isInApp } from "./environment.js";
import { sendFailed, uploadFailed } from "./failures.js";
import { bindFiles, pickPhoto, pickVideo } from "./files.js";
import { handOff, leave as leaveHandOff } from "./handoff.js";
import { amount, clock, kept, say } from "./messages.js";
import * as recovery from "./recovery.js";
import * as review from "./reviewing.js";
import { act, announce, copyLink, part, screen, show, showProblem, write } from "./screens.js";
import * as sendingScreen from "./sending.js";
import { reached } from "./steps.js";
import { submit } from "./submission.js";
import { fileTake, recordedTake, saveCopy } from "./take.js";
import * as thanksScreen from "./thanks.js";
import { kindOf, openWriting, prepare, wordGaps } from "./ways.js";

const LONGER_IS_FINE_SECONDS = 1; // a phone's idea of two minutes may be a little over
const NEARLY_FULL = 0.98;

/** @typedef {import("./take.js").Take} Take */
let take = /** @type {Take | null} */ (null); // the one that will be sent
let next = /** @type {Take | null} */ (null); // being recorded; takes the place of `take` once it is complete, or adds to it
let reviewed = /** @type {Take | null} */ (null); // the one that the review screen holds
let offered = /** @type {Take | null} */ (null); // the one that the recovery screen holds
let leftOver = /** @type {Take[]} */ ([]); // from earlier pages, not yet offered
let adding = false;
let audioOnly = false; // how the camera was opened last
let blank = /** @type {Take | null} */ (null); // what names words alone, so that sending them twice is sending them once
let writing = /** @type {"" | "text" | "photo"} */ ("");
let sending = false;
let sent = false;
let uploadGone = false; // it expired on the server; what it held is still here

const camera = new Camera({
  config,
  onSlow: () => showProblem(isInApp ? "inapp" : "slow"),
  onProblem: (error) => {
    camera.close();
    void dropNext({ keepAdding: true }); // what was to be added to is still there, and trying again adds to it
    showProblem(error instanceof CameraProblem ? error.kind : "broken");
  },
  onStart: (type, about) => {
    reached("started");
    void review.prepare().catch(() => {}); // while they speak
    const making = (next ??= adding && take ? take : recordedTake(config, about?.audioOnly ? "audio" : "video", progressed, take));
    if (making !== take) take?.hold(true); // the line belongs to the take being recorded
    const { spool, upload } = making.begin(type, about);
    return async (bytes) => {
      spool.append(bytes);
      upload.nudge();
      if (making.size > config.max_bytes * NEARLY_FULL) camera.full();
    };
  },
  onSegment: ({ seconds }) => next?.end(seconds),
  onDone: ({ seconds, reason }) => void recorded(seconds, reason),
});

/** @param {boolean} heard no picture is wanted */
function openCamera(heard) {
  audioOnly = heard;
  review.pause();
  writing = "";
  comeback.note("");
  reached("chosen", "asked");
  return camera.open({ audioOnly, already: adding ? (take?.seconds ?? 0) : 0 });
}

/** @param {number} seconds @param {string} reason */
async function recorded(seconds, reason) {
  const made = next;
  next = null;
  adding = false;
  made?.end(seconds);
  await made?.cutBack({ onlyEmpty: true });
  if (!made || made.size === 0) {
    if (made !== take) void made?.drop();
    return showProblem("nothing");
  }
  const cut = reason === "device" || reason === "broken";
  if (made !== take && take && cut) leftOver.unshift(take); // better than a stump: it is offered after this one
  else if (made !== take) void take?.drop();
  reached("taken", "made");
  take = made;
  reviewed = null;
  take.keeping?.saveDraft(details.drafted());
  if (cut) return offer(take, kept.endedEarly, () => true);
  await toReview(say.reviewRecorded, { limit: say.atLimit, size: say.atSize }[reason] ?? say.stopped);
}

/** Gives up what is being recorded. */
async function dropNext({ keepAdding = false } = {}) {
  const left = next;
  next = null;
  adding &&= keepAdding;
  take?.hold(false);
  if (left && left === take) await left.cutBack();
  else await left?.drop();
}

/** @param {string} title @param {string} words announced, and shown where they explain an ending */
async function toReview(title, words) {
  const shown = /** @type {Take} */ (take);
  const isFile = !shown.keeping;
  reviewed = null;
  review.unload();
  write("review-title", title);
  write("review-note", words === say.stopped ? say.reviewNote : words);
  act("again").hidden = !canRecord() || !offers(shown.kind === "audio" ? "audio" : "record");
  act("use").textContent = shown.kind === "audio" ? say.useSound : say.useVideo;
  write("again-words", isFile ? say.recordHere : say.recordAgain);
  part("other-file").hidden = !isFile;
  show("review");
  announce(words);
  const blobs = await shown.blobs().catch(() => null);
  if (!blobs) return showProblem("lost");
  const seconds = await review.load(blobs, shown.segments.map((each) => each.seconds), {
    audioOnly: shown.kind === "audio", marks: shown.marks, onMarks: (marks) => shown.keeping?.saveMarks(marks),
  });
  if (shown.segments.length === 1) shown.segments[0].seconds = seconds;
  if (take === shown) reviewed = shown;
}

/** @param {File} file */
async function chosen(file) {
  const kind = kindOf(file);
  if (!kind) return showProblem(file.type.startsWith("image/") ? "notphoto" : "notvideo");
  if (file.size > config.max_bytes) return showProblem("toolarge", { limit: amount(config.max_bytes), found: amount(file.size) });
  camera.close();
  await dropNext();
  const before = take;
  const mine = (take = fileTake(file, config, kind, progressed));
  writing = kind === "photo" ? kind : "";
  reached("chosen", "made");
  if (kind === "photo") openWriting(kind, file);
  else await toReview(say.reviewFile, say.reviewNote);
  if (take !== mine) return; // something else was chosen or recorded meanwhile
  const seconds = mine.seconds ?? 0;
  if (seconds > config.max_seconds + LONGER_IS_FINE_SECONDS) {
    void mine.drop();
    take = before;
    reviewed = null;
    return showProblem("toolong", { limit: clock(config.max_seconds), found: clock(seconds) });
  }
  void before?.drop();
}

/** @param {Take} of */
function progressed(of) {
  recovery.warn(sent ? "" : ((next ?? take)?.notKept ?? ""));
  if (of !== take) return;
  sendingScreen.draw(of);
  if (of.failure && screen() === "details" && !sending) uploadFailed(of.failure);
}

function use() {
  review.pause();
  if (!take) return show("welcome");
  if (take.failure) return uploadFailed(take.failure);
  if (config.replace) return void send();
  prepare(take.kind);
  show("details");
  progressed(take);
}

/** The last tap. What is still on its way is waited for on its own screen. */
async function send() {
  const made = writing === "text" ? (blank ??= fileTake(new File([], "words.txt", { type: "text/plain" }), config, "text", () => {})) : take;
  const kind = writing || made?.kind;
  if (sending || !kind) return;
  const words = details.read();
  const gaps = config.replace ? {} : { ...details.findGaps(), ...wordGaps(kind, words.text) };
  if (Object.keys(gaps).length) return details.showErrors(gaps);
  sending = true;
  details.clearErrors();
  sendingScreen.busy(true);
  try {
    if (made && writing !== "text" && (config.replace || !made.complete)) sendingScreen.open(made);
    if (made && !made.complete) await made.send();
    if (made && !made.complete) return; // it was given up
    const marks = !made || writing ? {} : reviewed === made ? review.marks() : made.marks;
    thank(await submit(config.submit, { ...words, kind, uploads: made?.uploads ?? [], ...marks }), made);
  } catch (error) {
    uploadGone = sendFailed(error);
  } finally {
    sending = false;
    sendingScreen.busy(false);
  }
}

/** @param {{manageUrl: string}} answer @param {Take | null} [made] what was sent, besides words */
function thank({ manageUrl }, made = null) {
  if (made) reached("sent"); // not where the phone has done it, which said so itself
  sent = true;
  camera.close();
  void dropNext();
  const isClip = made && !writing;
  thanksScreen.open({
    manageUrl, name: details.read().name, email: details.read().email, bytes: made?.progress.total ?? 0, seconds: isClip ? (made.seconds ?? 0) : 0,
    hasPicture: Boolean(isClip) && review.hasPicture(), isMade: !writing,
  });
  details.forgetDraft();
  comeback.note("");
  review.unload();
  recovery.warn("");
  void made?.close();
  if (take !== made) void take?.drop();
}

async function sendAgain() {
  if (!take && !writing) return show("welcome");
  if (take && (take.failure || uploadGone)) take.sendAgain(uploadGone).catch(() => {}); // send() waits for the same, and says what went wrong
  if (uploadGone || blank?.failure) blank = null;
  uploadGone = false;
  if (!config.replace) show("details");
  if (config.replace || Object.keys(details.findGaps()).length === 0) await send();
}

/** What an earlier page left, one after the other. */
function offerLeftOver() {
  const first = leftOver[0];
  if (!first || sent) return;
  offer(first, kept.found, () => screen() === "welcome" && leftOver[0] === first).catch(() => {
    leftOver.shift(); // it cannot be read just now; the next visit tries again
    offerLeftOver();
  });
}

/** @param {Take} what @param {(time: string) => string} title @param {() => boolean} wanted */
async function offer(what, title, wanted) {
  if (await recovery.offer(what, { title, wanted, limit: canRecord() ? config.max_seconds : 0 })) offered = what;
}

/** The person wants what was offered. */
function takeUp() {
  const found = offered;
  if (!found) return false; // tapped twice
  reached("chosen", "made");
  offered = null;
  writing = "";
  recovery.leave();
  leftOver = leftOver.filter((each) => each !== found);
  if (take && take !== found) void take.drop();
  take = found;
  found.hold(false);
  details.restore(found.keeping?.draft ?? {});
  found.send().catch(() => {});
  return true;
}

async function discardOffered() {
  const left = offered;
  offered = null;
  recovery.leave();
  leftOver = leftOver.filter((each) => each !== left);
  if (left === take) take = null;
  show("welcome");
  announce(kept.deleted);
  await left?.drop();
  offerLeftOver();
}

function back() {
  if (sending) return;
  comeback.note("");
  const at = screen();
  if (["check", "record", "problem"].includes(at)) {
    camera.close();
    void dropNext();
  }
  leaveHandOff();
  recovery.leave();
  review.pause();
  const fromWriting = writing;
  writing = "";
  if (take?.kind === "photo") take = (void take.drop(), null); // there is no review of a photo
  if (take && !fromWriting && !["review", "handoff", "recovery"].includes(at)) {
    if (reviewed === take) return show("review");
    return void toReview(say.reviewRecorded, say.reviewNote);
  }
  show("welcome");
  if (at !== "recovery") offerLeftOver();
}

/** @type {Record<string, (button: HTMLElement) => unknown>} */
const ACTS = {
  back,
  camera: () => { adding = false; return openCamera(false); },
  audio: () => { adding = false; return openCamera(true); },
  again: () => openCamera(take?.kind === "audio"),
  "camera-again": () => openCamera(adding ? take?.kind === "audio" : audioOnly),
  upload: () => { writing = ""; reached("chosen"); pickVideo(); },
  photo: () => { reached("chosen"); pickPhoto(); },
  write: () => { reached("chosen", "made"); comeback.note("write"); writing = "text"; openWriting("text"); },
  handoff: async (button) => {
    if (!(await handOff(config, details.read(), (manageUrl) => thank({ manageUrl })))) await copyLink(button, location.href);
  },
  use,
  retry: () => take?.retryNow(),
  "use-kept": () => takeUp() && toReview(say.reviewRecorded, say.reviewNote),
  "add-kept": () => {
    if (!takeUp()) return;
    take?.mark();
    adding = true;
    return openCamera(take?.kind === "audio");
  },
  "discard-kept": () => recovery.sure(true),
  "discard-not": () => recovery.sure(false),
  "discard-sure": discardOffered,
  "save-copy": () => take && saveCopy(take).then(() => announce(say.saved)),
  "send-again": sendAgain,
  "copy-link": (button) => copyLink(button, location.href),
  "copy-manage": (button) => copyLink(button, /** @type {HTMLAnchorElement} */ (part("manage-link")).href),
};
const INSIDE = ["camera", "audio", "upload", "photo", "write", "handoff", "use-kept", "add-kept"];

function bind() {
  document.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest("[data-act]") : null;
    if (button instanceof HTMLElement) void ACTS[button.dataset.act ?? ""]?.(button);
  });
  bindFiles((file) => void chosen(file));
  details.bind(() => void send());
  document.getElementById("collect")?.addEventListener("input", () => take?.keeping?.saveDraft(details.drafted()));
  addEventListener("beforeunload", (event) => {
    if (!sent && [take, next].some((each) => each && !each.kept)) event.preventDefault(); // what is kept will be offered again
  });
  bindBackwards(INSIDE, () => {
    if (sent || screen() === "welcome") return false;
    if (camera.recording) act("stop").click(); // what was said so far is kept
    else if (screen() !== "sending") back();
    return screen() !== "welcome";
  });
}

async function lookForLeftOver() {
  leftOver = [...leftOver, ...(await recovery.find(config, progressed))];
  offerLeftOver();
}

bind();
if (isInApp && !canRecord() && offers("record", "audio")) showProblem("inapp");
else comeback.offer();
void lookForLeftOver();
recovery.lookAgain(() => void lookForLeftOver());
