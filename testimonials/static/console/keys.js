// Single keys on the review page. They rest while somebody types, and can be turned off (WCAG 2.1.4).

const STORED = "single-keys";
const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable], dialog[open]";
const PRESSED = "button, a, summary, input, video";

/** @param {Record<string, () => void>} acts by key, in small letters; `Space` is pressed by what has the focus first */
export function keys(acts) {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest?.(TYPING)) return;
    const key = event.key === " " ? "space" : event.key.toLowerCase();
    if (key === "space" && event.target.closest?.(PRESSED) && !event.target.closest(".row")) return;
    const act = areOn() || key === "?" ? acts[key] : undefined;
    if (!act) return;
    event.preventDefault();
    act();
  });
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-keys-switch]")) return;
    localStorage.setItem(STORED, event.target.checked ? "on" : "off");
    show();
  });
  document.addEventListener("swapped", show);
  show();
}

function areOn() {
  return localStorage.getItem(STORED) !== "off";
}

/** The switch stands as it is set, and no key is promised that does nothing. */
function show() {
  for (const each of document.querySelectorAll("[data-keys-switch]")) each.checked = areOn();
  document.documentElement.classList.toggle("without-keys", !areOn());
}
