// Translations beside their originals: panels by language, whose rows follow the questions wherever these go.

import { grown } from "./parts.js";

/**
 * @param {HTMLFormElement} form
 * @param {() => void} changed is called when a language came or went
 * @returns {() => void} brings all panels in step with what is written above them
 */
export function translations(form, changed) {
  const place = form.querySelector("[data-panels]");
  const choice = /** @type {HTMLSelectElement | null} */ (form.querySelector("#add_language"));
  const own = /** @type {HTMLSelectElement} */ (form.querySelector("#language"));
  const template = /** @type {HTMLTemplateElement | null} */ (form.querySelector("[data-panel-template]"));
  const pairs = /** @type {HTMLTemplateElement | null} */ (form.querySelector("[data-pair-template]"));
  /** Rows of questions that are not there now; they come back with their question. @type {WeakMap<Element, Map<string, Element>>} */
  const kept = new WeakMap();

  form.querySelector("[data-add-language]")?.addEventListener("click", () => {
    if (!choice.value) return choice.focus();
    const panel = grown(template, { language: choice.value });
    const { text } = choice.selectedOptions[0];
    panel.querySelector("[data-language-name]").textContent = text;
    panel.querySelector("[data-language-group]").ariaLabel = text;
    choice.value = "";
    place.append(panel);
    follow();
    changed();
    panel.querySelector("input").focus();
  });
  place.addEventListener("click", (event) => {
    if (!event.target.closest("[data-remove-language]")) return;
    event.target.closest("[data-language]").remove();
    follow();
    changed();
    choice.focus();
  });
  return follow;

  function follow() {
    const questions = [...form.querySelectorAll("[data-question]")];
    const panels = [...place.querySelectorAll("[data-language]")];
    for (const panel of panels) {
      if (pairs) arrange(panel, questions);
      for (const original of panel.querySelectorAll("[data-original]")) {
        const words = form.elements.namedItem(original.dataset.original)?.value.trim() ?? "";
        original.textContent = words || "Nothing written";
        original.closest(".pairing").hidden = !words;
        original.closest(".pairing").querySelector(".input").placeholder = words;
      }
      const fields = [...panel.querySelectorAll(".pairing:not([hidden]) .input")];
      const filled = fields.filter((field) => field.value.trim()).length;
      panel.querySelector("[data-filled]").textContent = `${filled} of ${fields.length}`;
    }
    const taken = [own.value, ...panels.map((panel) => panel.dataset.language)];
    for (const option of choice?.options ?? []) option.hidden = option.disabled = taken.includes(option.value);
  }

  /** One row for each question, in their order. */
  function arrange(panel, questions) {
    const list = panel.querySelector("[data-pairs]");
    const rows = kept.get(list) ?? new Map();
    kept.set(list, rows);
    for (const row of list.querySelectorAll("[data-pair]")) rows.set(row.dataset.pair, row);
    const wanted = questions.map(({ dataset: { question } }) => {
      if (!rows.has(question)) rows.set(question, grown(pairs, { language: panel.dataset.language, number: question }));
      return rows.get(question);
    });
    const same = wanted.length === list.childElementCount && wanted.every((row, at) => row === list.children[at]);
    if (!same) list.replaceChildren(...wanted);
  }
}
