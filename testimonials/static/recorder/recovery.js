/** What an earlier page recorded and nobody handed in: finding it, and offering it with a look at it. */
import { STALE_MS } from "./claims.js";
import { leftOver } from "./keeping.js";
import { closeSource, durationAt } from "./media.js";
import { clock, kept } from "./messages.js";
import { announce, part, screen, show, write } from "./screens.js";
import { RecordingSpool } from "./spool.js";
import { Take } from "./take.js";

const player = () => /** @type {HTMLVideoElement} */ (part("recovery-player"));
/** @type {string[]} */
let urls = [];

/**
 * Takes with something in them, the latest first. Nothing is sent yet. They belong to this tab from here on.
 * @param {import("./take.js").Config} config @param {(take: Take) => void} onProgress @returns {Promise<Take[]>}
 */
export async function find(config, onProgress) {
  const takes = [];
  for (const keeping of await leftOver(config)) {
    try {
      const take = await takeUp(keeping, config, onProgress);
      if (take.size > 0) takes.push(take);
      else void keeping.drop();
    } catch {
      void keeping.release(); // it cannot be read just now, which is no reason to let go of it
    }
  }
  return takes;
}

/** @param {import("./keeping.js").Keeping} keeping @param {import("./take.js").Config} config @param {(take: Take) => void} onProgress */
async function takeUp(keeping, config, onProgress) {
  const take = new Take({ config, kind: keeping.kind, keeping, onProgress });
  const found = [];
  for (const record of keeping.segments) found.push({ record, pieces: await keeping.pieces(record) });
  for (const { record, pieces } of found) {
    if (pieces.length) take.takeUp(record, new RecordingSpool(keeping.shelf(record), { pieces, onTrouble: take.changed }));
    else keeping.forget(record);
  }
  return take;
}

/** Without Web Locks, a tab that crashed a moment ago still seems to be there: look once more later. @param {() => void} look */
export function lookAgain(look) {
  if (!navigator.locks) setTimeout(look, STALE_MS + 1000);
}

/**
 * Shows it, once it is known how long it is.
 * @param {Take} take @param {object} about
 * @param {(time: string) => string} about.title
 * @param {number} about.limit seconds that a take may hold; 0 where nothing can be recorded
 * @param {() => boolean} about.wanted the person is not somewhere else by then
 * @returns {Promise<boolean>} whether it is shown
 */
export async function offer(take, { title, limit, wanted }) {
  const fresh = (await take.blobs()).map((blob) => URL.createObjectURL(blob));
  for (const [index, segment] of take.segments.entries()) {
    segment.seconds ??= (await durationAt(fresh[index])) ?? 0; // one that was cut off has no other clock
  }
  leave();
  urls = fresh;
  if (!wanted()) {
    leave();
    return false;
  }
  sure(false);
  write("recovery-title", title(clock(take.seconds ?? 0)));
  /** @type {HTMLElement} */ (document.querySelector('[data-act="add-kept"]')).hidden = limit - (take.seconds ?? 0) < 1;
  part("recovery-take").classList.toggle("sound", take.kind === "audio");
  play(0, false);
  show("recovery");
  return true;
}

/** One segment after the other. @param {number} index @param {boolean} on */
function play(index, on) {
  const video = player();
  video.onended = () => play((index + 1) % urls.length, index + 1 < urls.length);
  video.onloadedmetadata = () => video.videoWidth && part("recovery-take").style.setProperty("--ratio", `${video.videoWidth} / ${video.videoHeight}`);
  video.src = urls[index];
  if (on) void video.play().catch(() => {});
}

/** The second question before something is deleted. @param {boolean} asked */
export function sure(asked) {
  part("recovery-ways").hidden = asked;
  part("recovery-sure").hidden = !asked;
  const first = part(asked ? "recovery-sure" : "recovery-ways").querySelector("button");
  if (asked) announce(kept.sure);
  if (screen() === "recovery") first?.focus();
}

export function leave() {
  player().onended = null;
  closeSource(player());
  for (const url of urls.splice(0)) URL.revokeObjectURL(url);
}

/** One sentence where the device keeps no copy; it stands over whatever is on. @param {"" | "full" | "blocked"} reason */
export function warn(reason) {
  const note = part("not-kept");
  const words = reason ? kept[reason] : "";
  if (note.hidden === !words && part("not-kept-words").textContent === words) return;
  note.hidden = !words;
  write("not-kept-words", words);
}
