// Filters and search act at once: what is chosen is shown, what is typed is looked for after a breath.

import { swap } from "./swap.js";

const BREATH_MS = 300;
let waiting;

export function narrowing() {
  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-narrow]")) return;
    event.preventDefault();
    show(event.target, "[data-search]");
  });
  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-narrow]");
    if (form && !event.target.matches("[data-search]")) show(form, `[data-narrow] [name="${event.target.name}"]`);
  });
  document.addEventListener("input", (event) => {
    if (!event.target.matches("[data-search]")) return;
    clearTimeout(waiting);
    waiting = setTimeout(() => show(event.target.form, "[data-search]"), BREATH_MS);
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("main a.row, main a.chip, main a.btn");
    const other = event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0;
    if (!link || other || new URL(link.href).pathname !== location.pathname || !document.querySelector("[data-narrow]")) return;
    event.preventDefault();
    swap(link.href, { focus: link.matches(".row") ? ".row[aria-current]" : "h1" });
  });
  addEventListener("popstate", () => {
    if (document.querySelector("[data-narrow]")) swap(location.href, { push: false });
  });
}

/** Shows what the form asks for. Whoever types on meanwhile loses nothing. */
async function show(form, focus) {
  clearTimeout(waiting);
  const asked = new URL(form.action);
  for (const [name, value] of new FormData(form)) if (value.trim()) asked.searchParams.set(name, value.trim());
  let typed = null;
  const listen = (event) => { if (event.target.matches("[data-search]")) typed = event.target.value; };
  document.addEventListener("input", listen);
  await swap(asked.href, { focus });
  document.removeEventListener("input", listen);
  const field = document.querySelector("[data-search]");
  if (!field || document.activeElement !== field) return;
  if (typed !== null && typed !== field.value) {
    field.value = typed;
    waiting = setTimeout(() => show(field.form, "[data-search]"), BREATH_MS);
  }
  field.setSelectionRange(field.value.length, field.value.length);
}
