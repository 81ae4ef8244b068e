// The list of questions: add, remove with undo, move by button or Alt and an arrow.

import { grown } from "./parts.js";

/**
 * @param {HTMLFormElement} form
 * @param {(sentence: string, undo?: () => void) => void} say
 * @param {() => void} changed is called when questions came, went or moved
 */
export function questions(form, say, changed) {
  const list = form.querySelector("[data-questions]");
  const template = /** @type {HTMLTemplateElement} */ (form.querySelector("[data-question-template]"));
  const add = form.querySelector("[data-add-question]");
  const most = Number(list.dataset.most);
  const said = form.querySelector("[data-said]");
  let next = Math.max(-1, ...rows().map((row) => Number(row.dataset.question))) + 1;

  add?.addEventListener("click", () => {
    const row = grown(template, { number: String(next) });
    next += 1;
    list.append(row);
    arranged();
    row.querySelector("input").focus();
  });
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[data-question]");
    const mover = event.target.closest("[data-move]");
    if (mover) move(row, Number(mover.dataset.move), mover);
    if (event.target.closest("[data-remove-question]")) remove(row);
  });
  list.addEventListener("keydown", (event) => {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step || !event.altKey) return;
    event.preventDefault();
    move(event.target.closest("[data-question]"), step, event.target);
  });
  number();

  function rows() {
    return [...list.querySelectorAll("[data-question]")];
  }

  /** Moves a question by one place; whatever had the focus keeps it. */
  function move(row, step, focused) {
    const neighbor = rows()[rows().indexOf(row) + step];
    if (!neighbor || row.closest("fieldset:disabled")) return;
    if (step < 0) neighbor.before(row);
    else neighbor.after(row);
    arranged();
    const place = rows().indexOf(row) + 1;
    const other = focused.disabled ? row.querySelector("[data-move]:not([disabled])") : focused;
    other?.focus();
    said.textContent = `Question ${place} of ${rows().length} now.`;
  }

  function remove(row) {
    const place = rows().indexOf(row);
    row.remove();
    arranged();
    (rows()[place] ?? rows().at(-1))?.querySelector("input").focus();
    if (rows().length === 0) add.focus();
    say("Question removed.", () => {
      if (rows()[place]) rows()[place].before(row);
      else list.append(row);
      arranged();
      row.querySelector("input").focus();
    });
  }

  function arranged() {
    number();
    changed();
  }

  /** Numbers, and what cannot be done at either end. */
  function number() {
    const all = rows();
    all.forEach((row, place) => {
      row.querySelector("[data-nth]").textContent = String(place + 1);
      const [up, down] = row.querySelectorAll("[data-move]");
      up.disabled = place === 0;
      down.disabled = place === all.length - 1;
      up.ariaLabel = `Move question ${place + 1} up`;
      down.ariaLabel = `Move question ${place + 1} down`;
      row.querySelector("[data-remove-question]").ariaLabel = `Remove question ${place + 1}`;
    });
    if (add) add.disabled = all.length >= most;
    form.querySelector("[data-questions-full]").hidden = all.length < most;
  }
}
