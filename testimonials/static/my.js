/** The customer's own page: follows the video until it needs no following, and shares it. Without script, a reload does. */

const page = /** @type {HTMLElement} */ (document.querySelector("[data-my]"));
const POLL_MS = { working: 2_000, waiting: 30_000, most: 60_000 };
const part = (/** @type {string} */ name) => /** @type {HTMLElement | null} */ (document.querySelector(`[data-part="${name}"]`));

/** @param {string} words */
function announce(words) {
  const region = part("status");
  if (region) region.textContent = words;
}

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
  words.textContent = `${Math.round(percent)} percent done`;
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

/** @param {HTMLElement} button */
async function copy(button) {
  const label = /** @type {HTMLElement} */ (button.querySelector("span"));
  const before = button.dataset.label ??= label.textContent ?? "";
  try {
    await navigator.clipboard.writeText(button.dataset.url ?? "");
    label.textContent = "Copied";
    announce("Link copied");
  } catch {
    const range = document.createRange();
    range.selectNodeContents(/** @type {HTMLElement} */ (part("share-url")));
    getSelection()?.removeAllRanges();
    getSelection()?.addRange(range);
    label.textContent = "Selected";
    announce("The link is selected. Copy it with your keyboard or by holding it.");
  }
  setTimeout(() => { label.textContent = before; }, 2500);
}

for (const button of document.querySelectorAll('[data-act="copy"], [data-act="share"]')) {
  if (!(button instanceof HTMLElement)) continue;
  const shares = button.dataset.act === "share";
  button.hidden = shares && !navigator.share;
  button.addEventListener("click", () => {
    if (shares) void navigator.share({ title: button.dataset.title, url: button.dataset.url }).catch(() => {});
    else void copy(button);
  });
}

const [media, review, shown] = (page.dataset.my ?? "").split(" ");
if (!isFinal({ media, review, public: shown === "public", percent: null, detail: "" })) void follow();
