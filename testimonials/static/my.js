/** The customer's own page: follows the video until it needs no following. Without script, a reload does. */
import { t } from "./recorder/text.js";

const page = /** @type {HTMLElement} */ (document.querySelector("[data-my]"));
const POLL_MS = { working: 2_000, waiting: 30_000, most: 60_000 };
const part = (/** @type {string} */ name) => /** @type {HTMLElement | null} */ (document.querySelector(`[data-part="${name}"]`));

/** @typedef {{media: string, review: string, public: boolean, percent: number | null, detail: string}} State */

/** @param {State} state */
const signature = (state) => `${state.media} ${state.review} ${state.public ? "public" : "hidden"}`;

/** @param {State} state */
const isFinal = ({ media, review, public: shown }) => media === "failed" || review === "rejected" || shown;

/** @param {State} state */
function drawPercent({ percent }) {
  const bar = /** @type {HTMLProgressElement | null} */ (part("percent"));
  const words = part("percent-words");
  if (!bar || !words || percent === null || percent === undefined) return;
  bar.hidden = false;
  bar.value = percent;
  words.textContent = t("{n} percent done", { n: Math.round(percent) });
}

/** Somebody is reading a confirmation or watching: the page does not pull it away from under them. */
function isBusy() {
  const video = document.querySelector("video");
  return Boolean(document.querySelector(".say[open]")) || Boolean(video && !video.paused);
}

async function follow() {
  let failures = 0;
  for (;;) {
    const working = ["uploading", "uploaded", "processing"].includes((page.dataset.my ?? "").split(" ")[0]);
    const wait = failures ? Math.min(POLL_MS.most, POLL_MS.working * 2 ** failures) : working ? POLL_MS.working : POLL_MS.waiting;
    await new Promise((resolve) => setTimeout(resolve, wait));
    if (document.hidden) await new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
    try {
      const response = await fetch(page.dataset.state ?? "", { headers: { Accept: "application/json" }, cache: "no-store" });
      if (response.status === 404 || response.status === 410) return;
      if (!response.ok) throw new Error(String(response.status));
      /** @type {State} */
      const state = await response.json();
      failures = 0;
      drawPercent(state);
      if (signature(state) !== page.dataset.my && !isBusy()) return location.reload(); // the server writes the new page
      if (isFinal(state)) return;
    } catch {
      failures += 1;
    }
  }
}

const [media, review, shown] = (page.dataset.my ?? "").split(" ");
if (!isFinal({ media, review, public: shown === "public", percent: null, detail: "" })) void follow();
