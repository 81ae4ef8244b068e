// The share panel of a testimonial: the sharer's words go along, a link is copied, the device's own sheet opens.

import { post } from "./saving.js";

const panel = (target) => /** @type {HTMLElement | null} */ (target.closest?.("[data-share-panel]"));

for (const each of document.querySelectorAll("[data-share-panel]")) ready(each);
document.addEventListener("input", (event) => {
  const place = panel(event.target);
  if (!place || !event.target.matches("[data-share-text]")) return;
  for (const link of place.querySelectorAll("[data-share-link]")) {
    const address = new URL(link.href);
    if (event.target.value.trim()) address.searchParams.set("text", event.target.value.trim());
    else address.searchParams.delete("text");
    link.href = address.href;
  }
});
document.addEventListener("click", async (event) => {
  const place = panel(event.target);
  if (!place) return;
  if (event.target.closest("[data-share-copy]")) await copy(place);
  if (event.target.closest("[data-share-native]")) await hand(place);
});
// A panel that came with another testimonial, without a new page.
new MutationObserver(() => document.querySelectorAll("[data-share-panel]").forEach(ready)).observe(document.body, { childList: true, subtree: true });

/** @param {Element} place */
function ready(place) {
  place.querySelector("[data-share-copy]").hidden = false;
  place.querySelector("[data-share-native]").hidden = !navigator.share;
}

/** @returns {Promise<string>} a link of its own; empty where there is none, which is said */
async function link(place, network) {
  const body = new FormData(place.querySelector("[data-share-mint]"));
  body.set("network", network);
  const [fault, , said] = await post(place.dataset.mint, body);
  if (fault) tell(place, fault);
  return said?.url ?? "";
}

async function copy(place) {
  const address = await link(place, "copy");
  if (!address) return;
  try {
    await navigator.clipboard.writeText(address);
    tell(place, `Copied: ${address}`);
  } catch {
    tell(place, address); // no clipboard here: it stands there, to be copied by hand
  }
}

async function hand(place) {
  const url = await link(place, "native");
  const text = place.querySelector("[data-share-text]").value.trim();
  try {
    if (url) await navigator.share({ url, ...(text && { text }) });
  } catch (problem) {
    if (problem.name !== "AbortError") tell(place, url); // closing the sheet needs no words
  }
}

function tell(place, words) {
  place.querySelector("[data-share-said]").textContent = words;
}
