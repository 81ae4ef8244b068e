/** The ways to share: words of one's own before a network, links that know where they come from, and the phone's own sheet.
 *  A page may hold several rows, and rows may come later ("swapped" on the document): all listening is done by the document. */

const MOST_BYTES = 50_000_000; // what Chromium lets through its share sheet
const SHOWN_MS = 3000;
const SERVER = "mastodon-host";

/** What a row waits with until its tap: a link minted when the finger came down, a file fetched by the tap before.
 *  @type {WeakMap<HTMLElement, {link?: Promise<string>, files?: File[]}>} */
const kept = new WeakMap();

/** @template {HTMLElement} [T=HTMLElement] @param {ParentNode} within @param {string} selector */
const part = (within, selector) => /** @type {T} */ (within.querySelector(selector));
/** @param {Element} node */
const rowOf = (node) => /** @type {HTMLElement | null} */ (node.closest(".ways"));
/** @param {HTMLElement} row @returns {Record<string, string>} */
const wordsOf = (row) => JSON.parse(row.dataset.words ?? "{}");
/** @param {unknown} error */
const isChangeOfMind = (error) => error instanceof DOMException && error.name === "AbortError";

/** Mints the short link of one act of sharing. @param {HTMLElement} row @param {string} network @returns {Promise<string>} */
async function mint(row, network) {
  const { mint: address = "", via, csrf } = row.dataset;
  const body = JSON.stringify({ network, place: "page", via: via || null, csrf_token: csrf || undefined });
  const answer = await fetch(address, { method: "POST", body });
  if (!answer.ok) throw new Error(`minting answered ${answer.status}`);
  return String((await answer.json()).url);
}

/** Says it beside the button and to screen readers, for a while. @param {HTMLElement} row @param {HTMLElement} button @param {string} sentence */
function tell(row, button, sentence) {
  const [label, said] = [part(button, "span"), part(row, "[data-said]")];
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

/** A sheet with something to take along. @param {HTMLElement} row @param {HTMLElement} link @param {string} text @param {string} [picture] */
function show(row, link, text, picture = "") {
  const sheet = /** @type {HTMLDialogElement} */ (part(row, "[data-result]"));
  part(sheet, "[data-heading]").textContent = part(link, "span").textContent;
  const image = /** @type {HTMLImageElement} */ (part(sheet, "[data-qr]"));
  image.hidden = !picture;
  if (picture) image.src = picture;
  const area = /** @type {HTMLTextAreaElement} */ (part(sheet, "[data-code]"));
  area.value = text;
  if (!sheet.open) sheet.showModal();
  area.select();
}

/** @param {HTMLElement} row @param {HTMLAnchorElement} link */
async function copyLink(row, link) {
  const coming = mint(row, "copy").catch(() => row.dataset.url ?? "");
  try {
    await copy(coming);
    tell(row, link, wordsOf(row).copied);
  } catch {
    show(row, link, await coming); // it can be copied by hand there
  }
}

/** A QR code, or the code that embeds it. @param {HTMLElement} row @param {HTMLAnchorElement} link */
async function take(row, link) {
  const way = link.dataset.way ?? "";
  try {
    const address = await mint(row, way);
    const code = address.slice(address.lastIndexOf("/") + 1);
    if (way === "qr") show(row, link, address, `${new URL(address).pathname}/qr.svg`);
    else show(row, link, (row.dataset.embed ?? "").replace("CODE", code));
  } catch {
    tell(row, link, wordsOf(row).failed);
  }
}

/** @param {HTMLElement} row */
async function copyCode(row) {
  const area = /** @type {HTMLTextAreaElement} */ (part(row, "[data-code]"));
  area.select();
  await copy(Promise.resolve(area.value)).then(() => tell(row, part(row, "[data-copy-code]"), wordsOf(row).coded), () => {});
}

/** The fields of the sheet in which words are written. @param {HTMLElement} row */
function writing(row) {
  const sheet = /** @type {HTMLDialogElement} */ (part(row, "[data-compose]"));
  const text = /** @type {HTMLTextAreaElement} */ (part(sheet, "textarea"));
  const host = /** @type {HTMLInputElement} */ (part(sheet, "input"));
  return { sheet, text, host, goOn: /** @type {HTMLAnchorElement} */ (part(sheet, "[data-go-on]")) };
}

/** Where the sheet goes on to, with the words as they are now. @param {HTMLElement} row @param {HTMLAnchorElement} link */
function aim(row, link) {
  const { sheet, text, host, goOn } = writing(row);
  part(sheet, "[data-left]").textContent = `${[...text.value].length} / ${link.dataset.longest}`;
  const address = new URL(link.href);
  address.searchParams.delete("text");
  if (text.value.trim()) address.searchParams.set("text", text.value.trim());
  if (link.dataset.way === "mastodon" && host.value.trim()) address.searchParams.set("host", host.value.trim());
  goOn.href = address.href;
  goOn.target = link.target;
}

/** The words first, prefilled with what is suggested for this network. @param {HTMLElement} row @param {HTMLAnchorElement} link */
function write(row, link) {
  const { sheet, text, host } = writing(row);
  part(sheet, "[data-heading]").textContent = part(link, "span").textContent;
  text.value = link.dataset.text ?? "";
  text.maxLength = Number(link.dataset.longest);
  const asks = link.dataset.way === "mastodon";
  part(sheet, "[data-server]").hidden = !asks;
  // Mastodon is many servers: asked once. Without a script, its link leads to a page that asks.
  if (asks) try { host.value = localStorage.getItem(SERVER) ?? ""; } catch { /* closed: it has to be typed again */ }
  sheet.oninput = () => aim(row, link);
  aim(row, link);
  sheet.showModal();
  (asks && !host.value ? host : text).focus();
}

/** @param {HTMLElement} row */
function gone(row) {
  const { sheet, host } = writing(row);
  if (host.value.trim()) try { localStorage.setItem(SERVER, host.value.trim()); } catch { /* as above */ }
  sheet.close();
}

/** Sharing uses up the tap, so the link must be there before it: minted when the finger comes down, once. @param {HTMLElement} row */
function prepared(row) {
  const waiting = kept.get(row) ?? {};
  kept.set(row, waiting);
  return (waiting.link ??= mint(row, "native").catch(() => row.dataset.url ?? ""));
}

/** @param {HTMLElement} row */
async function hand(row) {
  try {
    await navigator.share({ title: row.dataset.title, url: await prepared(row) });
  } catch (error) {
    if (!isChangeOfMind(error)) row.querySelector(/** @type {"a"} */ ('[data-way="copy"]'))?.click();
  }
  delete kept.get(row)?.link;
}

/** The file has to be there before the tap that shares it, so the first tap fetches it and says how far it is.
 * @param {HTMLElement} row @param {HTMLElement} button */
async function fetchFile(row, button) {
  const label = part(button, "span");
  const answer = await fetch(row.dataset.vertical ?? "");
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
  label.textContent = part(row, "[data-said]").textContent = wordsOf(row).ready;
  return [new File(chunks, "testimonial.mp4", { type: "video/mp4" })];
}

/** @param {HTMLElement} row @param {HTMLElement} button */
async function handFile(row, button) {
  const waiting = kept.get(row) ?? {};
  kept.set(row, waiting);
  try {
    if (!waiting.files) {
      button.setAttribute("aria-busy", "true");
      waiting.files = await fetchFile(row, button);
    } else {
      await navigator.share({ files: waiting.files, title: row.dataset.title });
      void mint(row, "native").catch(() => {}); // an act of sharing too, though a file carries no link
    }
  } catch (error) {
    if (!isChangeOfMind(error)) tell(row, button, wordsOf(row).failed);
  } finally {
    button.removeAttribute("aria-busy");
  }
}

/** @param {HTMLElement} row @param {HTMLAnchorElement} link @param {MouseEvent} event */
function follow(row, link, event) {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return;
  const act = { copy: copyLink, qr: take, embed: take }[link.dataset.way ?? ""] ?? (link.dataset.longest ? write : null);
  if (!act) return;
  event.preventDefault();
  void act(row, link);
}

/** Offers what this browser can do besides the links, in rows that are new. */
function ready() {
  const sample = [new File([new Uint8Array(1)], "testimonial.mp4", { type: "video/mp4" })];
  const files = "canShare" in navigator && navigator.canShare({ files: sample });
  for (const row of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".ways"))) {
    part(row, "[data-native]").hidden = !("share" in navigator);
    part(row, "[data-file]").hidden = !files || !row.dataset.vertical;
  }
}

document.addEventListener("click", (event) => {
  const target = /** @type {HTMLElement} */ (event.target);
  const row = rowOf(target);
  if (!row) return;
  const link = /** @type {HTMLAnchorElement | null} */ (target.closest("a[data-way]"));
  const button = /** @type {HTMLElement | null} */ (target.closest("button, [data-go-on]"));
  if (link) follow(row, link, event);
  else if (button?.matches("[data-copy-code]")) void copyCode(row);
  else if (button?.matches("[data-native]")) void hand(row);
  else if (button?.matches("[data-file]")) void handFile(row, button);
  else if (button?.matches("[data-go-on]")) gone(row);
  else if (target.matches("dialog") || button?.matches("[data-close]")) target.closest("dialog")?.close(); // beside the sheet is its backdrop
});
document.addEventListener("pointerdown", (event) => {
  const button = /** @type {Element} */ (event.target).closest("[data-native]");
  const row = button && rowOf(button);
  if (row) void prepared(row);
});
document.addEventListener("keydown", (event) => {
  const target = /** @type {Element} */ (event.target);
  const row = event.key === "Enter" && target.closest("[data-compose]") ? rowOf(target) : null;
  if (!row || !(target.matches("input") || event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  writing(row).goOn.click();
});
document.addEventListener("swapped", ready);
ready();
