// What the console's pages do beyond plain forms: copy buttons, the review keys, verdicts with undo, live progress.

import { review } from "./review.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const source = button.parentElement.querySelector("[data-copy-source]");
  const label = button.querySelector("span") ?? button;
  const before = label.textContent;
  try {
    await navigator.clipboard.writeText(source.textContent);
    label.textContent = button.dataset.copy || "Copied"; // code says that it is code
    say(`${label.textContent}.`);
  } catch {
    getSelection().selectAllChildren(source); // no clipboard here: it is selected, so that Ctrl-C does it
    label.textContent = "Press Ctrl-C";
  }
  setTimeout(() => { label.textContent = before; }, 2500);
});

/** Shows a sentence for eight seconds, with an act to take it back. The time stands still under pointer and focus. */
export function say(sentence, undo) {
  const place = document.querySelector("[data-toasts]");
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.append(Object.assign(document.createElement("span"), { textContent: sentence }));
  if (undo) {
    const button = Object.assign(document.createElement("button"), { className: "btn", type: "button", textContent: "Undo" });
    button.addEventListener("click", () => { toast.remove(); undo(); });
    toast.append(button);
  }
  place.replaceChildren(toast);
  let timer;
  const leave = () => { timer = setTimeout(() => toast.remove(), 8000); };
  for (const [stop, go] of [["pointerenter", "pointerleave"], ["focusin", "focusout"]]) {
    toast.addEventListener(stop, () => clearTimeout(timer));
    toast.addEventListener(go, leave);
  }
  leave();
}

review(say);
// A link to a part (after a form was sent) opens it.
if (location.hash) document.getElementById(location.hash.slice(1))?.setAttribute("open", "");
