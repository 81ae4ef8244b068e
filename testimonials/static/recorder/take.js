/**
 * One take: its segments in their order, and what is known about them. They are sent one after the other, as they come.
 * A retake makes a second take; the first lives until the second is complete.
 */
import { Keeping } from "./keeping.js";
import { Segment } from "./segment.js";
import { FileSpool, RecordingSpool } from "./spool.js";

/** @type {Record<string, string>} */
const EXTENSIONS = {
  "video/mp4": "mp4", "video/webm": "webm", "video/x-matroska": "mkv", "video/quicktime": "mov", "audio/mp4": "m4a", "audio/webm": "weba",
};

/** @typedef {{campaign: string, invitation?: string, replace?: boolean, uploads: string, submit: string, max_bytes: number}} Config */

export class Take {
  /** @type {Segment[]} */
  segments = [];
  #base = 0; // segments before the recording that is going on
  #held = false;

  /**
   * @param {object} options
   * @param {Config} options.config
   * @param {"video" | "audio" | "photo" | "text"} options.kind
   * @param {Keeping | null} options.keeping what of it is kept on this device; null for a chosen file, which lies there already
   * @param {(take: Take) => void} options.onProgress its upload moved, or whether it is kept has changed
   */
  constructor({ config, kind, keeping, onProgress }) {
    this.config = config;
    this.kind = kind;
    this.keeping = keeping;
    this.onProgress = onProgress;
    this.changed = () => this.onProgress(this);
  }

  /** A recording goes on with a segment. @param {string} type @param {{question?: number | null}} [about] */
  begin(type, { question = null } = {}) {
    const keeping = /** @type {Keeping} */ (this.keeping);
    const record = keeping.add({ type, filename: `testimonial.${EXTENSIONS[type] ?? "webm"}`, question, seconds: null, finished: false, url: "" });
    keeping.save();
    const spool = new RecordingSpool(keeping.shelf(record), { onTrouble: this.changed });
    const segment = this.#place({ spool, live: true, record });
    segment.start().catch(() => {});
    return /** @type {Segment & {spool: RecordingSpool}} */ (segment);
  }

  /** One that an earlier page recorded. @param {import("./store.js").KeptSegment} record @param {RecordingSpool} spool */
  takeUp(record, spool) {
    const segment = this.#place({ spool, live: false, record, url: record.url });
    segment.seconds = record.seconds;
  }

  /** @param {{spool: import("./spool.js").Spool, live: boolean, record: import("./store.js").KeptSegment, url?: string}} given */
  #place({ record, ...given }) {
    const { type, filename, question } = record;
    const segment = new Segment({
      ...given, type, filename, question, record, config: this.config,
      onProgress: () => this.#moved(),
      onCreated: (url) => {
        record.url = url;
        this.keeping?.save();
      },
    });
    this.segments.push(segment);
    this.#queue();
    return segment;
  }

  /** @param {File} file */
  choose(file) {
    const type = file.type || (/\.mov$/i.test(file.name) ? "video/quicktime" : "video/mp4");
    const given = { spool: new FileSpool(file), live: false, type, filename: file.name, config: this.config };
    this.segments.push(new Segment({ ...given, onProgress: () => this.#moved() }));
  }

  /** The segment that is being recorded is complete. @param {number} seconds */
  end(seconds) {
    const segment = this.segments.at(-1);
    segment?.finish(seconds);
    if (!segment?.record) return;
    Object.assign(segment.record, { seconds, finished: true });
    this.keeping?.save();
  }

  /** Further segments belong to a recording that may yet be given up. */
  mark() {
    this.#base = this.segments.length;
  }

  /** Gives up what was recorded since `mark`, or what of it is empty. @param {{onlyEmpty?: boolean}} [options] */
  async cutBack({ onlyEmpty = false } = {}) {
    const cut = this.segments.slice(onlyEmpty ? 0 : this.#base).filter((each) => !onlyEmpty || each.spool.size === 0);
    this.segments = this.segments.filter((each) => !cut.includes(each));
    this.#queue();
    for (const segment of cut) {
      if (segment.record) this.keeping?.forget(segment.record);
      await segment.drop();
    }
  }

  #moved() {
    this.#queue();
    this.changed();
  }

  /** One at a time on the line. What the server will not have does not keep the others waiting. */
  #queue() {
    const first = this.segments.find((each) => !each.complete && !each.failure);
    for (const each of this.segments) each.hold(this.#held || (each !== first && !each.complete));
  }

  /** Leave the network to another take for a while. @param {boolean} held */
  hold(held) {
    this.#held = held;
    this.#queue();
  }

  /** Sends what is not there yet. @returns {Promise<void>} once the server has everything; rejects with the first failure */
  async send() {
    await Promise.all(this.segments.map((each) => each.start()));
  }

  /** After a failure. @param {boolean} [all] the server has forgotten what was complete, too */
  async sendAgain(all = false) {
    const going = this.segments.map((each) => (all || each.failure ? each.restart() : each.start()));
    this.#queue(); // what had failed is on the line again
    await Promise.all(going);
  }

  retryNow() {
    for (const each of this.segments) each.upload.retryNow();
  }

  /** @returns {import("./uploader.js").Progress} */
  get progress() {
    const all = this.segments.map((each) => each.progress);
    const current = all.find((each) => !each.complete);
    const sum = (/** @type {"acknowledged" | "total"} */ name) => all.reduce((total, each) => total + each[name], 0);
    return {
      acknowledged: sum("acknowledged"), total: Math.max(this.size, sum("total")), finished: all.every((each) => each.finished),
      complete: this.complete, trouble: current?.trouble ?? "", bytesPerSecond: current?.bytesPerSecond ?? 0,
    };
  }

  get complete() {
    return this.segments.length > 0 && this.segments.every((each) => each.complete);
  }

  get failure() {
    return this.segments.find((each) => each.failure)?.failure ?? null;
  }

  get uploads() {
    return this.segments.map((each) => each.upload.token);
  }

  get size() {
    return this.segments.reduce((sum, each) => sum + each.spool.size, 0);
  }

  /** null where a chosen file has not said it yet */
  get seconds() {
    return this.segments.reduce((/** @type {number | null} */ sum, { seconds }) => (sum === null || seconds === null ? null : sum + seconds), 0);
  }

  /** It would survive the end of this page. */
  get kept() {
    return this.segments.every((each) => each.spool.kept);
  }

  /** Why the device does not keep it; "" where it does. */
  get notKept() {
    return this.segments.find((each) => each.spool.trouble)?.spool.trouble ?? "";
  }

  get marks() {
    return this.keeping?.marks ?? {};
  }

  /** @returns {Promise<Blob[]>} */
  blobs() {
    return Promise.all(this.segments.map((each) => each.spool.toBlob(each.type)));
  }

  /** It was handed in: nothing of it needs to stay on this device. */
  async close() {
    await Promise.all([this.keeping?.drop(true), ...this.segments.map((each) => each.spool.close())]);
  }

  /** Gone for good, here and on the server. */
  async drop() {
    await Promise.all([...this.segments.map((each) => each.drop()), this.keeping?.drop()]);
  }
}

/** @param {Config} config @param {"video" | "audio"} kind @param {(take: Take) => void} onProgress @param {Take | null} replaced */
export function recordedTake(config, kind, onProgress, replaced) {
  return new Take({ config, kind, keeping: Keeping.begin(config, kind, replaced?.keeping), onProgress });
}

/** @param {File} file @param {Config} config @param {"video" | "audio" | "photo" | "text"} kind @param {(take: Take) => void} onProgress */
export function fileTake(file, config, kind, onProgress) {
  const take = new Take({ config, kind, keeping: null, onProgress });
  take.choose(file);
  take.send().catch(() => {});
  return take;
}

/** Hands the bytes to the person. @param {Take} take */
export async function saveCopy(take) {
  for (const [index, blob] of (await take.blobs()).entries()) {
    const url = URL.createObjectURL(blob);
    const name = take.segments[index].filename.replace(/^testimonial(?=\.)/, take.segments.length > 1 ? `testimonial-${index + 1}` : "testimonial");
    const link = Object.assign(document.createElement("a"), { href: url, download: name });
    document.body.append(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
  }
}
