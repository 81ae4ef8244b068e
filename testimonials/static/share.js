// The share page: copying a link that knows where it came from, the device's own share sheet, and counting plays.

const page = document.querySelector("main[data-token]");
const { token, via, events, shares, visits, nonce } = page.dataset;
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

/** Tells the ledger what this visitor did: visit, play, click. Once each; the server counts each once a day anyway. */
const told = new Set();
function tell(act) {
  if (told.has(act)) return;
  told.add(act);
  fetch(visits, { method: "POST", body: JSON.stringify({ via, nonce, act }), keepalive: true }).catch(() => told.delete(act));
}

// A visit is a second in view, or an act. A page that is opened in the background has not been visited.
let seen = 0;
const watch = setInterval(() => {
  seen = document.hidden ? 0 : seen + 250;
  if (seen >= 1000) tell("visit");
  if (told.has("visit")) clearInterval(watch);
}, 250);
page.querySelector("[data-go]")?.addEventListener("click", () => tell("click"));

// Mastodon is many servers. Without a script, its link leads to a page that asks for one; here it is asked once.
const mastodon = page.querySelector("[data-mastodon]");
if (mastodon) {
  mastodon.hidden = false;
  try { mastodon.host.value = localStorage.getItem("mastodon-host") ?? ""; } catch { /* closed: it has to be typed again */ }
  mastodon.addEventListener("submit", (event) => {
    event.preventDefault();
    const host = mastodon.host.value.trim();
    try { localStorage.setItem("mastodon-host", host); } catch { /* as above */ }
    const address = new URL(mastodon.dataset.mastodon, location.href);
    address.searchParams.set("host", host);
    window.open(address, "_blank", "noopener");
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
video?.addEventListener("playing", () => { report("play"); tell("play"); }, { once: true });
video?.addEventListener("timeupdate", () => {
  if (video.paused || !video.duration) return;
  watched.add(Math.floor(video.currentTime));
  const share = (100 * watched.size) / Math.max(1, Math.floor(video.duration));
  for (const quarter of [25, 50, 75]) {
    if (share >= quarter && !reached.has(quarter)) { reached.add(quarter); report("quartile", quarter); }
  }
  if (share >= 95 && !reached.has(100)) { reached.add(100); report("complete"); }
});
