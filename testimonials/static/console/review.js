// The review page: moving, deciding and undoing by key, dialogs, choosing several, and a quote by marking words.

import { acts, neighbor } from "./acts.js";
import { focusPad } from "./focus.js";
import { keys } from "./keys.js";
import { narrowing } from "./narrowing.js";
import { followProgress } from "./progress.js";
import { swap } from "./swap.js";

/** @param {(sentence: string, undo?: () => void) => void} say shows a toast */
export function review(say) {
  if (!document.querySelector("[data-narrow]")) return;
  const { undo } = acts(say);
  narrowing();
  keys({
    j: () => neighbor(1)?.click(),
    k: () => neighbor(-1)?.click(),
    a: () => press("[data-verdict=approve] button"),
    r: () => press("[data-open=reject]"),
    t: () => document.querySelector("[data-tagging] [name=tags]")?.focus(),
    f: () => press("[data-feature] button"),
    x: () => press(".queue li:has(.row[aria-current]) .tick input"),
    n: writeNote,
    u: undo,
    z: undo,
    "/": () => document.querySelector("[data-search]").focus(),
    "?": () => document.querySelector("#keys").showModal(),
    space: play,
  });
  document.addEventListener("click", onClick);
  document.addEventListener("change", onChange);
  document.addEventListener("reset", () => setTimeout(count));
  document.addEventListener("selectionchange", takeOver);
  document.addEventListener("swapped", wire);
  wire();
}

/** What belongs to elements that come anew with each state of the page. */
function wire() {
  document.querySelectorAll("form[data-focus]").forEach(focusPad);
  for (const each of document.querySelectorAll("[data-without-script]")) each.hidden = true;
  followProgress(document.querySelector("[data-detail]"), () => swap(location.href, { push: false }));
  count();
}

function onClick(event) {
  const opener = event.target.closest("[data-open]");
  if (opener) document.querySelector(`#${opener.dataset.open}`).showModal();
  if (event.target.closest("[data-close]")) event.target.closest("dialog").close();
}

function onChange(event) {
  const { target } = event;
  if (target.matches("[data-submits]")) target.form.requestSubmit();
  if (target.matches(".tick input")) count();
  const form = target.closest("[data-reasons]");
  if (form && target.name === "reason") draft(form, target);
}

/** The reason brings its draft, unless somebody has written one of their own. */
function draft(form, chosen) {
  const { message, own_reason: own } = form.elements;
  const drafts = [...form.querySelectorAll("[data-draft]")].map((each) => each.dataset.draft);
  if (message && drafts.includes(message.value)) message.value = chosen.dataset.draft;
  if (chosen.value === "own") own.focus();
}

/** How many are ticked. */
function count() {
  const chosen = document.querySelectorAll(".tick input:checked").length;
  const place = document.querySelector("[data-chosen]");
  if (place) place.textContent = chosen === 1 ? "One chosen" : `${chosen} chosen`;
}

/** Words that are marked in what the customer said become the quote. */
function takeOver() {
  const marked = getSelection();
  const source = marked.anchorNode?.parentElement?.closest("[data-source]");
  const field = document.querySelector("details[open] > [data-excerpt] textarea");
  if (!field || !source || marked.isCollapsed || !source.contains(marked.focusNode)) return;
  field.value = marked.toString().trim();
}

function writeNote() {
  const part = document.querySelector("#notes");
  if (!part) return;
  part.open = true;
  part.querySelector("textarea")?.focus();
}

function play() {
  const video = document.querySelector("[data-detail] video");
  if (video) video.paused ? video.play() : video.pause();
}

function press(selector) {
  document.querySelector(selector)?.click();
}
