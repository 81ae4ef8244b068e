/** The form: reading it, keeping a draft of it in this tab, and showing what to change beside the field. */
import { fieldsToCheck, ratingWords, say } from "./messages.js";
import { part } from "./screens.js";

const DRAFT = ["name", "email", "title", "company", "text", "guardian", "rating", "consent_hash"];
const form = () => /** @type {HTMLFormElement} */ (document.getElementById("collect"));

/** @param {string} name @returns {string} */
const value = (name) => String(new FormData(form()).get(name) ?? "").trim();

/** @returns {Omit<import("./submission.js").Submission, "uploads" | "kind">} what was filled in, and what lies hidden in the form */
export function read() {
  const rating = Number(value("rating"));
  return {
    name: value("name"), email: value("email"), title: value("title"), company: value("company"), text: value("text"),
    rating: rating >= 1 && rating <= 5 ? rating : null,
    consent: new FormData(form()).getAll("consent").map(String),
    consent_hash: value("consent_hash"), language: value("language"), guardian: value("guardian"),
    invitation: value("invitation"), handoff: value("handoff"), trap: value("trap"), opened: value("opened"),
  };
}

/** What can be seen to be missing before the server is asked. @returns {Record<string, string[]>} */
export function findGaps() {
  /** @type {Record<string, string[]>} */
  const errors = {};
  const email = input("email");
  if (input("name")?.required && !value("name")) errors.name = [say.nameMissing];
  if (email?.required && !value("email")) errors.email = [say.emailMissing];
  else if (value("email") && !/^\S+@\S+\.\S+$/.test(value("email"))) errors.email = [say.emailWrong];
  if (fields("consent").length && !new FormData(form()).has("consent")) errors.consent = [say.consentMissing];
  return errors;
}

/** @param {string} name */
const fields = (name) => [...form().querySelectorAll(`[name="${name}"]:not([type="hidden"])`)];

/** @param {string} name */
const input = (name) => /** @type {HTMLInputElement | null} */ (form().querySelector(`.input[name="${name}"]`));

/**
 * Writes each sentence beside its field; what belongs to no field goes above the form. Focus goes to the first of them.
 * @param {Record<string, string[]>} errors @param {string} [general]
 */
export function showErrors(errors, general = "") {
  clearErrors();
  const orphans = general ? [general] : [];
  for (const [name, sentences] of Object.entries(errors)) {
    const line = /** @type {HTMLElement | null} */ (form().querySelector(`[data-error="${name}"]`));
    if (!line) orphans.push(...[sentences].flat());
    else markField(name, line, [sentences].flat().join(" "));
  }
  const count = Object.keys(errors).length;
  const box = part("form-error");
  /** @type {HTMLElement} */ (box.querySelector("p")).textContent = orphans.join(" ") || fieldsToCheck(count);
  box.hidden = false;
  const first = form().querySelector('[aria-invalid="true"]');
  const target = first ?? document.getElementById("details-title");
  if (target instanceof HTMLElement) target.focus();
}

/** @param {string} name @param {HTMLElement} line @param {string} sentence */
function markField(name, line, sentence) {
  line.textContent = sentence;
  line.hidden = false;
  for (const field of fields(name)) field.setAttribute("aria-invalid", "true");
  const more = line.closest("details");
  if (more) more.open = true;
}

export function clearErrors() {
  for (const line of form().querySelectorAll("[data-error]")) line.toggleAttribute("hidden", true);
  for (const field of form().querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  part("form-error").hidden = true;
}

/** What was filled in so far. @returns {import("./store.js").Draft} */
export const drafted = () => ({
  ...Object.fromEntries(DRAFT.map((name) => [name, value(name)])), consent: new FormData(form()).getAll("consent").map(String),
});

/** Fills in what is still empty. Consent comes back only where the very text that it was given to stands here. @param {import("./store.js").Draft} draft */
export function restore(draft) {
  for (const [name, text] of Object.entries(draft)) {
    const field = input(name);
    if (!field || field.value || !text) continue;
    field.value = String(text);
    const more = field.closest("details");
    if (more) more.open = true;
  }
  if (draft.rating && !value("rating")) tick("rating", [String(draft.rating)]);
  const isAgreed = Array.isArray(draft.consent) && draft.consent_hash === value("consent_hash");
  if (isAgreed && !new FormData(form()).has("consent")) tick("consent", /** @type {string[]} */ (draft.consent));
}

/** @param {string} name @param {string[]} values */
function tick(name, values) {
  for (const field of fields(name)) {
    if (!(field instanceof HTMLInputElement) || !values.includes(field.value)) continue;
    field.checked = true;
    if (name === "rating") sayRating(field.value);
  }
}

/** @param {string} rating */
function sayRating(rating) {
  part("rating-words").textContent = ratingWords[Number(rating)] ?? "";
}

/** A phone may throw the page away while another app is open; what was filled in comes back. */
function keepDraft() {
  const key = `draft:${location.pathname}`;
  try {
    restore(JSON.parse(sessionStorage.getItem(key) ?? "{}"));
  } catch { /* storage is closed in some private windows: no draft then */ }
  form().addEventListener("input", () => {
    try {
      sessionStorage.setItem(key, JSON.stringify(drafted()));
    } catch { /* as above */ }
  });
}

export function forgetDraft() {
  try {
    sessionStorage.removeItem(`draft:${location.pathname}`);
  } catch { /* nothing was kept */ }
}

/** @param {() => void} onSend */
export function bind(onSend) {
  form().noValidate = true; // our sentences stand beside the field; the browser's bubbles vanish after a few seconds
  form().addEventListener("submit", (event) => {
    event.preventDefault();
    onSend();
  });
  form().addEventListener("input", ({ target }) => {
    const place = target instanceof HTMLElement && target.getAttribute("aria-invalid") === "true" && target.closest("[data-field]");
    if (!place) return;
    for (const field of place.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
    place.querySelector("[data-error]")?.toggleAttribute("hidden", true);
    const left = form().querySelectorAll("[data-error]:not([hidden])").length;
    part("form-error").hidden = left === 0;
    if (left) /** @type {HTMLElement} */ (part("form-error").querySelector("p")).textContent = fieldsToCheck(left);
  });
  form().addEventListener("change", ({ target }) => {
    if (target instanceof HTMLInputElement && target.name === "rating") sayRating(target.value);
  });
  keepDraft();
}
