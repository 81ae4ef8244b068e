/** The ways to share: words of one's own before a network, links that know where they come from, and the phone's own sheet. */

const row = /** @type {HTMLElement} */ (document.querySelector(".ways"));
const { mint: mintAt = "", via = "", url: plainUrl = "", title = "", embed = "", vertical = "" } = row.dataset;
/** @type {Record<string, string>} */
const words = JSON.parse(row.dataset.words ?? "{}");
const MOST_BYTES = 50_000_000; // what Chromium lets through its share sheet
const SHOWN_MS = 3000;

/** @template {HTMLElement} [T=HTMLElement] @param {string} selector @param {ParentNode} [within] */
const part = (selector, within = row) => /** @type {T} */ (within.querySelector(selector));
const said = part("[data-said]");

/** Mints the short link of one act of sharing. @param {string} network @returns {Promise<string>} */
async function mint(network) {
  const body = JSON.stringify({ network, place: "page", via: via || null });
  const answer = await fetch(mintAt, { method: "POST", body });
  if (!answer.ok) throw new Error(`minting answered ${answer.status}`);
  return String((await answer.json()).url);
}

/** Says it beside the button and to screen readers, for a while. @param {Element} button @param {string} sentence */
function tell(button, sentence) {
  const label = /** @type {HTMLElement} */ (button.querySelector("span"));
  const before = label.dataset.before ??= label.textContent ?? "";
  label.textContent = said.textContent = sentence;
  setTimeout(() => { label.textContent = before; said.textContent = ""; }, SHOWN_MS);
}

/** Copies text that is still on its way; the promise inside keeps the tap's permission alive where browsers know it.
 * @param {Promise<string>} coming */
async function copy(coming) {
  if ("ClipboardItem" in window && "write" in navigator.clipboard) {
    const blob = coming.then((text) => new Blob([text], { type: "text/plain" }));
    await navigator.clipboard.write([new ClipboardItem({ "text/plain": blob })]);
  } else {
    await navigator.clipboard.writeText(await coming);
  }
}

/** @param {HTMLAnchorElement} link */
async function copyLink(link) {
  const coming = mint("copy").catch(() => plainUrl);
  try {
    await copy(coming);
    tell(link, words.copied);
  } catch {
    show(link, await coming); // it can be copied by hand there
  }
}

const result = /** @type {HTMLDialogElement} */ (part("[data-result]"));
const code = part("[data-code]", result);

/** A sheet with something to take along. @param {HTMLElement} link @param {string} text @param {string} [picture] */
function show(link, text, picture = "") {
  part("[data-heading]", result).textContent = part("span", link).textContent;
  const image = /** @type {HTMLImageElement} */ (part("[data-qr]", result));
  image.hidden = !picture;
  if (picture) image.src = picture;
  const area = /** @type {HTMLTextAreaElement} */ (code);
  area.value = text;
  if (!result.open) result.showModal();
  area.select();
}

/** @param {HTMLAnchorElement} link */
async function take(link) {
  const way = link.dataset.way ?? "";
  try {
    const address = await mint(way);
    const short = address.slice(address.lastIndexOf("/") + 1);
    if (way === "qr") show(link, address, `${new URL(address).pathname}/qr.svg`);
    else show(link, embed.replace("CODE", short));
  } catch {
    tell(link, words.failed);
  }
}

part("[data-copy-code]", result).addEventListener("click", async (event) => {
  const area = /** @type {HTMLTextAreaElement} */ (code);
  area.select();
  const button = /** @type {Element} */ (event.currentTarget);
  await copy(Promise.resolve(area.value)).then(() => tell(button, words.copied), () => {});
});

const compose = /** @type {HTMLDialogElement} */ (part("[data-compose]"));
const text = /** @type {HTMLTextAreaElement} */ (part("textarea", compose));
const host = /** @type {HTMLInputElement} */ (part("input", compose));
const goOn = /** @type {HTMLAnchorElement} */ (part("[data-go-on]", compose));
const SERVER = "mastodon-host";

/** Where the sheet goes on to, with the words as they are now. @param {HTMLAnchorElement} link */
function aim(link) {
  const longest = Number(link.dataset.longest);
  const length = [...text.value].length;
  part("[data-left]", compose).textContent = `${length} / ${longest}`;
  const address = new URL(link.href);
  address.searchParams.delete("text");
  if (text.value.trim()) address.searchParams.set("text", text.value.trim());
  if (link.dataset.way === "mastodon" && host.value.trim()) address.searchParams.set("host", host.value.trim());
  goOn.href = address.href;
  goOn.target = link.target;
}

/** The words first, prefilled with what is suggested for this network. @param {HTMLAnchorElement} link */
function write(link) {
  part("[data-heading]", compose).textContent = part("span", link).textContent;
  text.value = link.dataset.text ?? "";
  text.maxLength = Number(link.dataset.longest);
  const asks = link.dataset.way === "mastodon";
  part("[data-server]", compose).hidden = !asks;
  // Mastodon is many servers: asked once. Without a script, its link leads to a page that asks.
  if (asks) try { host.value = localStorage.getItem(SERVER) ?? ""; } catch { /* closed: it has to be typed again */ }
  compose.oninput = () => aim(link);
  aim(link);
  compose.showModal();
  (asks && !host.value ? host : text).focus();
}

goOn.addEventListener("click", () => {
  if (host.value.trim()) try { localStorage.setItem(SERVER, host.value.trim()); } catch { /* as above */ }
  compose.close();
});
compose.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || (event.target !== host && !(event.ctrlKey || event.metaKey))) return;
  event.preventDefault();
  goOn.click();
});
for (const sheet of [compose, result]) {
  sheet.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (target === sheet || target.closest("[data-close]")) sheet.close(); // beside the sheet is its backdrop
  });
}

row.addEventListener("click", (event) => {
  const link = /** @type {HTMLAnchorElement | null} */ (/** @type {Element} */ (event.target).closest("a[data-way]"));
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const act = { copy: copyLink, qr: take, embed: take }[link.dataset.way ?? ""] ?? (link.dataset.longest ? write : null);
  if (!act) return;
  event.preventDefault();
  void act(link);
});

const native = part("[data-native]");
if ("share" in navigator) {
  native.hidden = false;
  // Sharing uses up the tap, so the link must be there before it: minted when the finger comes down, once.
  /** @type {Promise<string> | undefined} */
  let link;
  const prepare = () => (link ??= mint("native").catch(() => plainUrl));
  native.addEventListener("pointerdown", prepare);
  native.addEventListener("click", async () => {
    try {
      await navigator.share({ title, url: await prepare() });
    } catch (error) {
      const copying = /** @type {HTMLElement | null} */ (row.querySelector('[data-way="copy"]'));
      if (/** @type {Error} */ (error).name !== "AbortError") copying?.click();
    }
    link = undefined;
  });
}

const fileButton = part("[data-file]");
const sample = [new File([new Uint8Array(1)], "testimonial.mp4", { type: "video/mp4" })];
if (vertical && "canShare" in navigator && navigator.canShare({ files: sample })) fileButton.hidden = false;
/** @type {File[] | null} */
let files = null;

/** The file has to be there before the tap that shares it, so the first tap fetches it and says how far it is. */
async function fetchFile() {
  const label = part("span", fileButton);
  const answer = await fetch(vertical);
  const size = Number(answer.headers.get("Content-Length"));
  if (!answer.ok || !answer.body || size > MOST_BYTES) throw new Error("no file to share");
  const chunks = [];
  let got = 0;
  for (const reader = answer.body.getReader(); ;) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    got += value.length;
    if (size) label.textContent = `${Math.round((100 * got) / size)} %`;
  }
  label.textContent = said.textContent = words.ready;
  return [new File(chunks, "testimonial.mp4", { type: "video/mp4" })];
}

fileButton.addEventListener("click", async () => {
  try {
    if (!files) {
      fileButton.setAttribute("aria-busy", "true");
      files = await fetchFile();
    } else {
      await navigator.share({ files, title });
      void mint("native").catch(() => {}); // an act of sharing too, though a file carries no link
    }
  } catch (error) {
    if (/** @type {Error} */ (error).name !== "AbortError") tell(fileButton, words.failed);
  } finally {
    fileButton.removeAttribute("aria-busy");
  }
});
