// The share page: copying a link that knows where it came from, the device's own share sheet, and counting plays.

const page = document.querySelector("main[data-token]");
const { token, via, events, shares } = page.dataset;
const said = page.querySelector("[data-said]");

/** Mints the short link of one act of sharing. */
async function mint(network) {
  const answer = await fetch(shares, { method: "POST", body: JSON.stringify({ network, place: "page", via }) });
  if (!answer.ok) throw new Error(`minting answered ${answer.status}`);
  return (await answer.json()).url;
}

/** Copies text that is still on its way; the promise inside keeps the tap's permission alive where browsers know it. */
async function copy(promise) {
  if (window.ClipboardItem && navigator.clipboard?.write) {
    const blob = promise.then((text) => new Blob([text], { type: "text/plain" }));
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
  } else {
    await navigator.clipboard.writeText(await promise);
  }
}

const copyButton = page.querySelector("[data-copy-link]");
copyButton.addEventListener("click", async () => {
  const label = copyButton.querySelector("span");
  const link = mint("copy");
  try {
    await copy(link);
    label.textContent = said.textContent = "Link copied";
  } catch {
    const address = await link.catch(() => document.querySelector("link[rel=canonical]").href);
    window.prompt("Copy this link:", address);
  }
  setTimeout(() => { label.textContent = "Copy link"; said.textContent = ""; }, 3000);
});

const nativeButton = page.querySelector("[data-native]");
if (navigator.share) {
  nativeButton.hidden = false;
  // Sharing uses up the tap, so the link must be there before it: minted when the finger comes down, once.
  let link;
  const prepare = () => { link ??= mint("native").catch(() => document.querySelector("link[rel=canonical]").href); };
  nativeButton.addEventListener("pointerdown", prepare);
  nativeButton.addEventListener("click", async () => {
    prepare();
    try {
      await navigator.share({ title: document.title, url: await link });
    } catch (error) {
      if (error.name !== "AbortError") copyButton.click();
    }
    link = undefined;
  });
}

/** Reports one act; the answer is not waited for, and a page that goes away does not lose it. */
function report(type, value = null) {
  const event = { id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random().toString(36).slice(2)}`, type, testimonial: token, value };
  fetch(events, { method: "POST", body: JSON.stringify({ events: [event] }), keepalive: true }).catch(() => {});
}

const video = page.querySelector("video");
const watched = new Set();
const reached = new Set();
video.addEventListener("playing", () => report("play"), { once: true });
video.addEventListener("timeupdate", () => {
  if (video.paused || !video.duration) return;
  watched.add(Math.floor(video.currentTime));
  const share = (100 * watched.size) / Math.max(1, Math.floor(video.duration));
  for (const quarter of [25, 50, 75]) {
    if (share >= quarter && !reached.has(quarter)) { reached.add(quarter); report("quartile", quarter); }
  }
  if (share >= 95 && !reached.has(100)) { reached.add(100); report("complete"); }
});
