/** The share page: a poster to press, the speed, and a transcript that goes along with the video. Networks are networks.js. */
import { countPlays, teller, whenSeen } from "./visiting.js";

const page = /** @type {HTMLElement} */ (document.querySelector("main[data-token]"));
const tell = teller(page.dataset);
whenSeen(tell);
for (const link of document.querySelectorAll("[data-go]")) link.addEventListener("click", () => tell("click"));

/** The picture before the video: one large button, and the browser's own controls once it runs. @param {HTMLVideoElement} video */
function waitToBePlayed(video) {
  const before = /** @type {HTMLElement} */ (page.querySelector("[data-before]"));
  const button = /** @type {HTMLElement} */ (before.querySelector("button"));
  const begin = () => {
    before.hidden = true;
    video.controls = true;
  };
  before.hidden = false;
  video.controls = false;
  video.addEventListener("play", begin, { once: true });
  before.addEventListener("click", () => {
    begin();
    video.play().catch(() => {}); // it has its controls now, whatever kept it from playing
    if (button.matches(":focus")) video.focus();
  });
}

/** @param {HTMLVideoElement} video */
function offerSpeeds(video) {
  const tools = /** @type {HTMLElement} */ (page.querySelector("[data-speeds]"));
  tools.hidden = false;
  const buttons = [.../** @type {NodeListOf<HTMLElement>} */ (tools.querySelectorAll("[data-speed]"))];
  const press = () => {
    for (const each of buttons) each.setAttribute("aria-pressed", String(Number(each.dataset.speed) === video.playbackRate));
  };
  for (const each of buttons) {
    each.addEventListener("click", () => { video.defaultPlaybackRate = video.playbackRate = Number(each.dataset.speed); });
  }
  video.addEventListener("ratechange", press); // the browser's own menu has speeds, too
}

/** A sentence leads to its moment, and is marked while it is spoken. @param {HTMLVideoElement} video @param {HTMLElement} list */
function followWords(video, list) {
  const sentences = [.../** @type {NodeListOf<HTMLElement>} */ (list.querySelectorAll("a[data-from]"))];
  const starts = sentences.map((each) => Number(each.dataset.from));
  let marked = -1;
  const mark = () => {
    const spoken = starts.findLastIndex((start) => start <= video.currentTime + 0.05);
    if (spoken === marked) return;
    sentences[marked]?.removeAttribute("aria-current");
    marked = spoken;
    sentences[marked]?.setAttribute("aria-current", "true");
    keepInView(sentences[marked], list.parentElement);
  };
  video.addEventListener("timeupdate", mark);
  list.addEventListener("click", (event) => {
    const target = /** @type {Element} */ (event.target).closest("a[data-from]");
    if (!(target instanceof HTMLElement) || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    video.currentTime = Number(target.dataset.from);
    video.play().catch(() => {});
    mark();
  });
}

/** Scrolls the box of the words alone, never the page. @param {HTMLElement | undefined} sentence @param {HTMLElement | null} box */
function keepInView(sentence, box) {
  if (!sentence || !box || box.scrollHeight <= box.clientHeight) return;
  const middle = sentence.offsetTop - box.offsetTop - (box.clientHeight - sentence.offsetHeight) / 2;
  box.scrollTo({ top: middle, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
}

const video = page.querySelector("video");
if (video) {
  waitToBePlayed(video);
  offerSpeeds(video);
  countPlays(video, page.dataset, tell);
  const list = /** @type {HTMLElement | null} */ (page.querySelector("[data-sentences]"));
  if (list) followWords(video, list);
}
