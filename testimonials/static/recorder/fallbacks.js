/** Two ways out that need no camera of ours: the phone's own camera app, and the page in a tab of its own. */
import { note } from "./comeback.js";
import { act, part } from "./screens.js";

/** Whoever listens for "chosen-file" gets what the camera app recorded. */
export function bindFallbacks() {
  const field = /** @type {HTMLInputElement} */ (part("native-camera"));
  field.addEventListener("change", () => {
    const file = field.files?.[0];
    field.value = ""; // the same file chosen again is a change again
    if (file) document.dispatchEvent(new CustomEvent("chosen-file", { detail: file }));
  });
  field.addEventListener("cancel", () => note(""));
  document.addEventListener("click", ({ target }) => {
    const button = target instanceof Element ? target.closest("[data-act]") : null;
    const name = button?.getAttribute("data-act");
    if (name === "native-camera") {
      note("upload");
      field.click();
    }
    if (name === "open-tab") openTab();
  });
}

function openTab() {
  const tab = window.open(location.href, "_blank");
  if (tab) tab.opener = null;
  else act("copy-link")?.click(); // a frame that may open nothing: the link, to be pasted elsewhere
}
