// The page on which a clip is edited: marks on the strip, captions that follow the video, forms that keep one's place.

import { focusPad } from "./focus.js";
import { swap } from "./swap.js";
import { trimming } from "./trimming.js";

const LOOK_AGAIN = 1500;
let looking = 0;

const root = () => document.querySelector("[data-editor]");
const video = () => document.querySelector("[data-video]");
const cues = () => [...document.querySelectorAll("[data-cue]")];
const part = (cue, name) => cue.querySelector(`[name=${name}]`);

document.addEventListener("submit", submitted);
document.addEventListener("swapped", wire);
document.addEventListener("keydown", pressed);
document.addEventListener("selectionchange", takeOver);
addEventListener("beforeunload", (event) => { if (unsaved()) event.preventDefault(); });
wire();

/** What belongs to elements that come anew with each state of the page. */
function wire() {
  for (const each of document.querySelectorAll("[data-with-script]")) each.hidden = false;
  document.querySelectorAll("form[data-focus]").forEach(focusPad);
  trimming(video());
  video().addEventListener("timeupdate", follow);
  const form = document.querySelector("[data-cues]");
  form?.addEventListener("input", () => { form.dataset.changed = "yes"; form.querySelector("[data-dirty]").hidden = false; });
  form?.addEventListener("click", (event) => {
    const cue = event.target.closest("[data-play]")?.closest("[data-cue]");
    if (cue) play(Number(part(cue, "start").value));
  });
  clearTimeout(looking);
  if (Number(root().dataset.working)) looking = setTimeout(look, LOOK_AGAIN);
}

const unsaved = () => document.querySelector("[data-cues][data-changed]");

function play(seconds) {
  video().currentTime = seconds;
  video().play().catch(() => {}); // refused or swapped away meanwhile: it stands at the right place all the same
}

/** The caption that is heard is marked, and comes into view unless somebody writes. */
function follow() {
  const at = video().currentTime;
  for (const cue of cues()) {
    const on = Number(part(cue, "start").value) <= at && at < Number(part(cue, "end").value);
    if (on && !cue.classList.contains("on") && !video().paused && !cue.parentElement.contains(document.activeElement)) {
      const list = cue.parentElement;
      list.scrollTop = cue.offsetTop - list.offsetTop - list.clientHeight / 3;
    }
    cue.classList.toggle("on", on);
  }
}

function pressed(event) {
  const form = document.querySelector("[data-cues]");
  if (!form) return;
  const key = event.key.toLowerCase();
  const chord = event.ctrlKey || event.metaKey;
  if (chord && key === "s") return press(event, () => send(form, "save"));
  const cue = event.target.closest("[data-cue]");
  if (!cue) return;
  if (chord && key === "enter") press(event, () => send(form, splitAt(cue)));
  if (event.altKey && !chord && (event.code === "KeyB" || event.code === "KeyE")) {
    press(event, () => {
      const input = part(cue, event.code === "KeyB" ? "start" : "end");
      input.value = video().currentTime.toFixed(2);
      input.dispatchEvent(new Event("input", { bubbles: true }));
    });
  }
}

function press(event, act) {
  event.preventDefault();
  act();
}

/** At the cursor, where it stands between words; else in the middle. */
function splitAt(cue) {
  const { selectionStart, value } = part(cue, "text");
  const inside = selectionStart > 0 && selectionStart < value.trim().length;
  return `split:${cue.dataset.cue}${inside ? `:${selectionStart}` : ""}`;
}

function submitted(event) {
  const form = event.target;
  if (!form.matches("[data-send]")) return;
  event.preventDefault();
  const { submitter } = event;
  if (unsaved() && !form.matches("[data-cues]")) {
    fault("Your captions are not saved yet. Save them first.");
    return;
  }
  const act = submitter?.value ?? "";
  const split = act.startsWith("split:") && cues()[Number(act.slice(6))];
  send(form, split ? splitAt(split) : act, submitter?.name);
}

/** Sends a form, then shows the page as it is now, at the same moment of the video. */
async function send(form, act, name = "act") {
  if (form.dataset.busy) return;
  form.dataset.busy = "yes";
  const body = new URLSearchParams(new FormData(form));
  if (act && name) body.set(name, act);
  let words = "The server did not answer. Nothing was changed: please try again.";
  try {
    const answer = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
    const said = await answer.json();
    if (answer.ok) return await again(said.said, act);
    words = said.detail ?? words;
  } catch { /* said below */ } finally {
    delete form.dataset.busy;
  }
  return fault(words);
}

async function again(sentence = "", act = "") {
  const at = video().currentTime;
  const list = document.querySelector(".cues")?.scrollTop ?? 0;
  const place = /^(split|merge|remove):(\d+)/.exec(act)?.[2];
  await swap(location.href, { push: false });
  video().currentTime = at;
  const fresh = document.querySelector(".cues");
  if (fresh) fresh.scrollTop = list;
  const cue = place && (cues()[Number(place)] ?? cues().at(-1));
  if (cue) part(cue, "text").focus({ preventScroll: true });
  document.querySelector("[data-said]").textContent = sentence;
}

function fault(sentence) {
  const place = document.querySelector("[data-fault]");
  place.querySelector("[data-fault-words]").textContent = sentence;
  place.hidden = false;
  place.scrollIntoView({ block: "nearest" });
}

/** How far the work is; the page as it is then, once some of it is done and nobody is writing. */
async function look() {
  const before = Number(root().dataset.working);
  try {
    const state = await (await fetch(root().dataset.state)).json();
    for (const job of state.jobs) {
      const line = document.querySelector(`[data-job="${job.id}"]`);
      const bar = document.querySelector(`[data-job-bar="${job.id}"]`);
      if (line && line.textContent !== job.sentence) line.textContent = job.sentence;
      if (bar) bar.value = job.percent;
    }
    const writing = document.activeElement?.matches("textarea, input") || unsaved();
    if (state.working !== before && !writing && video().paused) return await again();
  } catch { /* the next look may go through */ }
  clearTimeout(looking);
  looking = setTimeout(look, LOOK_AGAIN);
  return undefined;
}

/** Words that are marked in what was said go into the quote. */
function takeOver() {
  const chosen = getSelection();
  const source = chosen.anchorNode?.parentElement?.closest("[data-source]");
  const field = document.querySelector("#words");
  const words = chosen.toString().trim();
  if (!source || !field || !words || !source.contains(chosen.focusNode) || !field.closest("details").open) return;
  field.value = words;
}
