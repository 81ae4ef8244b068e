/** The person's own notes: written on the check screen, and running near the lens while they speak. */
import { act, part } from "./screens.js";
import { t } from "./text.js";

const WORDS_A_MINUTE = { slow: 95, normal: 130, fast: 165 };
const moves = matchMedia("(prefers-reduced-motion: no-preference)");

/** @typedef {{text: string, size: "s" | "m" | "l", speed: "slow" | "normal" | "fast", on: boolean}} Notes */

export class Prompter {
  #key;
  #notes = /** @type {Notes} */ ({ text: "", size: "m", speed: "normal", on: true });
  #frame = 0;
  #at = 0; // a browser rounds what it is told, and a slow text would never move

  /** @param {string} campaign its notes are kept until the tab is closed, and leave this device never */
  constructor(campaign) {
    this.#key = `notes:${campaign}`;
    this.#recall();
    const sheet = this.#sheet;
    act("notes").addEventListener("click", () => { sheet.showModal(); part("notes-text").focus(); });
    act("notes-done").addEventListener("click", () => sheet.close());
    sheet.addEventListener("click", ({ target }) => { if (target === sheet) sheet.close(); });
    sheet.addEventListener("input", () => this.#changed());
    act("next-lines").addEventListener("click", () => this.#turn());
  }

  get #sheet() {
    return /** @type {HTMLDialogElement} */ (part("notes"));
  }

  /** The notes appear, from their first line, where there are any and they are wanted. */
  show() {
    const { text, size, on } = this.#notes;
    const shown = on && text.trim() !== "";
    const lines = part("lines");
    part("prompter").hidden = !shown;
    part("prompter").dataset.size = size;
    part("qa").classList.toggle("with-notes", shown);
    lines.textContent = text.trim();
    lines.scrollTop = this.#at = 0;
    act("next-lines").hidden = moves.matches;
  }

  /** They begin to run, or go on. Whoever asked for less motion turns them by hand. */
  run() {
    this.rest();
    if (part("prompter").hidden || !moves.matches) return;
    const lines = part("lines");
    const speed = this.#pixelsASecond(lines);
    let before = performance.now();
    const step = (/** @type {number} */ now) => {
      if (Math.abs(lines.scrollTop - this.#at) > 3) this.#at = lines.scrollTop; // the person moved it
      this.#at = Math.min(this.#at + (speed * Math.min(now - before, 200)) / 1000, lines.scrollHeight - lines.clientHeight);
      before = now;
      lines.scrollTop = this.#at;
      this.#frame = requestAnimationFrame(step);
    };
    this.#frame = requestAnimationFrame(step);
  }

  rest() {
    cancelAnimationFrame(this.#frame);
  }

  close() {
    this.rest();
    if (this.#sheet.open) this.#sheet.close();
  }

  /** @param {HTMLElement} lines */
  #pixelsASecond(lines) {
    const words = Math.max(1, this.#notes.text.trim().split(/\s+/).length);
    const spaced = /[\u3040-\u30ff\u4e00-\u9fff]/.test(this.#notes.text) ? this.#notes.text.length / 2 : words; // no spaces there
    const style = getComputedStyle(lines);
    const height = lines.scrollHeight - parseFloat(style.paddingBlockStart) - parseFloat(style.paddingBlockEnd);
    return (height * WORDS_A_MINUTE[this.#notes.speed]) / 60 / Math.max(spaced, 1);
  }

  #turn() {
    const lines = part("lines");
    const line = parseFloat(getComputedStyle(lines).lineHeight);
    const end = lines.scrollTop + lines.clientHeight >= lines.scrollHeight - 2;
    lines.scrollTop = this.#at = end ? 0 : lines.scrollTop + Math.max(line, lines.clientHeight - line);
  }

  #changed() {
    const chosen = (/** @type {string} */ name) => /** @type {HTMLInputElement} */ (this.#sheet.querySelector(`[name="${name}"]:checked`))?.value;
    this.#notes = {
      text: /** @type {HTMLTextAreaElement} */ (part("notes-text")).value,
      size: /** @type {Notes["size"]} */ (chosen("notes-size") ?? "m"),
      speed: /** @type {Notes["speed"]} */ (chosen("notes-speed") ?? "normal"),
      on: /** @type {HTMLInputElement} */ (part("notes-on")).checked,
    };
    this.#label();
    try {
      sessionStorage.setItem(this.#key, JSON.stringify(this.#notes));
    } catch {
      // private mode: they live as long as the page
    }
  }

  #recall() {
    try {
      Object.assign(this.#notes, JSON.parse(sessionStorage.getItem(this.#key) ?? "{}"));
    } catch {
      // blocked or garbled: there are no notes
    }
    const { text, size, speed, on } = this.#notes;
    /** @type {HTMLTextAreaElement} */ (part("notes-text")).value = text;
    /** @type {HTMLInputElement} */ (part("notes-on")).checked = on;
    for (const [name, value] of [["notes-size", size], ["notes-speed", speed]]) {
      const option = this.#sheet.querySelector(`[name="${name}"][value="${value}"]`);
      if (option instanceof HTMLInputElement) option.checked = true;
    }
    this.#label();
  }

  #label() {
    const { text, on } = this.#notes;
    part("notes-label").textContent = !text.trim() ? t("Add notes") : on ? t("Your notes: on") : t("Your notes: off");
  }
}
