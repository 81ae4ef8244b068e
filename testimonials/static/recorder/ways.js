/** Ways besides the camera: words alone, and a photo with words. They share the last screen, which then asks for the words first. */
import { offers } from "./config.js";
import { show, part, write } from "./screens.js";
import { reached } from "./steps.js";
import { t } from "./text.js";

const PICTURES = /^image\/(jpeg|png|webp)$/;
let url = "";

/** @param {File} file @returns {boolean} whether it is a picture that we take */
export const isPicture = (file) => PICTURES.test(file.type) && file.size > 0;

/** What a file counts as. @param {File} file @returns {"video" | "audio" | "photo" | null} null: not taken */
export function kindOf(file) {
  if (isPicture(file)) return offers("photo") ? "photo" : null;
  if (file.type.startsWith("audio/")) return offers("audio") ? "audio" : null;
  return offers("record", "upload") && file.size > 0 && (!file.type || file.type.startsWith("video/")) ? "video" : null;
}

/** The last screen for a kind of testimonial. @param {"video" | "audio" | "photo" | "text"} kind */
export function prepare(kind) {
  reached("form");
  const wordsFirst = kind === "text" || kind === "photo";
  const place = part("words-first");
  const field = part("words-field");
  const more = /** @type {HTMLElement} */ (document.querySelector(".more .stack"));
  (wordsFirst ? place : more).append(field);
  place.hidden = !wordsFirst;
  part("pill").hidden = kind === "text";
  part("photo").hidden = kind !== "photo";
  const area = /** @type {HTMLTextAreaElement} */ (field.querySelector("textarea"));
  area.rows = wordsFirst ? 6 : 3;
  area.required = wordsFirst;
  field.querySelector(".opt")?.toggleAttribute("hidden", wordsFirst);
  write("details-title", wordsFirst ? t("Tell it in your own words") : t("Last thing: who said it?"));
}

/** The last screen without anything to play. @param {"photo" | "text"} kind @param {File} [file] the photo */
export function openWriting(kind, file) {
  prepare(kind);
  if (url) URL.revokeObjectURL(url);
  url = file ? URL.createObjectURL(file) : "";
  const picture = /** @type {HTMLImageElement} */ (part("photo"));
  if (file) picture.src = url;
  else picture.removeAttribute("src");
  show("details");
  if (kind === "text") part("words-field").querySelector("textarea")?.focus();
}

/** What the words still lack, if anything. @param {string} kind @param {string} text @returns {Record<string, string[]>} */
export function wordGaps(kind, text) {
  const needed = kind === "text" || kind === "photo";
  return needed && text.trim().length < 10 ? { text: [t("Please write a few words. They are what others will read.")] } : {};
}
