// Testimonials to pin: found by name or words, pinned with one click, let go by their tick.

import { grown } from "./parts.js";

const WAIT_MS = 250;

/** @param {HTMLElement} place @param {() => void} changed */
export function pinning(place, changed) {
  const field = place.querySelector("[data-find]");
  const found = place.querySelector("[data-found]");
  const pins = place.querySelector("[data-pins]");
  const said = place.querySelector("[data-said]");
  let timer = 0;
  let turn = 0;

  const pinned = () => [...pins.querySelectorAll("[name=pins]:checked")].map((each) => each.value);
  const show = (items) => {
    const rest = items.filter((item) => !pinned().includes(item.token));
    found.replaceChildren(...rest.map(row));
    found.hidden = false;
    if (!rest.length) found.append(Object.assign(document.createElement("li"), { className: "net none", textContent: "None, or all of them are pinned." }));
  };
  const look = async () => {
    const mine = ++turn;
    const answer = await fetch(`${place.dataset.choices}?${new URLSearchParams({ q: field.value })}`).catch(() => null);
    if (mine !== turn) return;
    show(answer?.ok && !answer.redirected ? (await answer.json()).items : []);
  };

  function row(item) {
    const button = Object.assign(document.createElement("button"), { type: "button", className: "pick" });
    const name = Object.assign(document.createElement("b"), { textContent: `Pin ${item.name || "a nameless one"}`, dir: "auto" });
    const words = Object.assign(document.createElement("small"), { textContent: item.words || (item.rating ? `${item.rating} stars` : ""), dir: "auto" });
    button.append(name, words);
    button.addEventListener("click", () => pin(item, button));
    const entry = Object.assign(document.createElement("li"), { className: "net" });
    entry.append(button);
    return entry;
  }

  function pin(item, button) {
    if (pinned().length >= Number(place.dataset.most)) {
      said.textContent = `At most ${place.dataset.most} can be pinned.`;
      return;
    }
    pins.querySelector(`[name=pins][value="${CSS.escape(item.token)}"]`)?.closest("li").remove(); // was let go a moment ago
    const entry = grown(place.querySelector("[data-pin]"), { token: item.token, name: item.name });
    entry.querySelector(".pin b").textContent = item.name || "Nameless";
    entry.querySelector(".pin small").textContent = item.words;
    pins.append(entry);
    const next = button.closest("li").nextElementSibling ?? button.closest("li").previousElementSibling;
    button.closest("li").remove();
    (next?.querySelector("button") ?? field).focus();
    said.textContent = `${item.name} is pinned, as number ${pinned().length}.`;
    changed();
  }

  field.addEventListener("focus", () => found.hidden && look());
  field.addEventListener("input", (event) => {
    event.stopPropagation(); // nothing to save
    clearTimeout(timer);
    timer = setTimeout(look, WAIT_MS);
  });
  field.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
}
