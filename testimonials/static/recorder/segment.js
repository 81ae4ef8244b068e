/** One piece of a take without a break in it: its bytes and its upload. */
import { Uploader, UploadRefused } from "./uploader.js";

const GONE = new Set([404, 410]);

export class Segment {
  seconds = /** @type {number | null} */ (null);
  failure = /** @type {unknown} */ (null); // why the server will not have it, once it said so
  progress = /** @type {import("./uploader.js").Progress} */ (
    { acknowledged: 0, total: 0, finished: false, complete: false, trouble: "", bytesPerSecond: 0 });
  #held = false;
  #finished;
  #renewed = false;
  #discarded = false;

  /**
   * @param {object} options
   * @param {import("./spool.js").Spool} options.spool
   * @param {boolean} options.live it is being recorded
   * @param {string} options.type
   * @param {string} options.filename
   * @param {number | null} [options.question] which one it answers
   * @param {import("./store.js").KeptSegment} [options.record] its entry on this device
   * @param {string} [options.url] where an earlier page was uploading it to
   * @param {{campaign: string, invitation?: string, uploads: string}} options.config
   * @param {() => void} options.onProgress
   * @param {(url: string) => void} [options.onCreated]
   */
  constructor(options) {
    this.spool = options.spool;
    this.type = options.type;
    this.filename = options.filename;
    this.question = options.question ?? null;
    this.record = options.record;
    this.config = options.config;
    this.onProgress = options.onProgress;
    this.onCreated = options.onCreated;
    this.done = /** @type {Promise<void> | undefined} */ (undefined);
    this.#finished = !options.live;
    this.upload = this.#newUpload(options.url ?? "");
  }

  /** @param {string} [url] */
  #newUpload(url = "") {
    const { config, filename, type, spool } = this;
    const upload = new Uploader({
      endpoint: config.uploads, spool, live: !this.#finished, url, onCreated: this.onCreated,
      metadata: { campaign: config.campaign, invitation: config.invitation ?? "", filename, filetype: type },
      onProgress: (progress) => {
        if (upload !== this.upload) return;
        this.progress = progress;
        this.onProgress();
      },
    });
    upload.hold(this.#held);
    return upload;
  }

  get complete() {
    return this.upload.complete;
  }

  /** Sends it, again if need be. @returns {Promise<void>} once the server has everything; rejects as Uploader.start does */
  start() {
    this.done ??= this.#send();
    this.done.catch(() => {}); // whoever waits for it sees the error; nobody waiting is not an unhandled one
    return this.done;
  }

  /** @returns {Promise<void>} */
  async #send() {
    try {
      await this.upload.start();
    } catch (error) {
      if (this.#discarded) return;
      // Expired or forgotten on the server, as nobody continued it in time: everything is still here, so once more.
      if (!this.#renewed && this.upload.url && error instanceof UploadRefused && GONE.has(error.status) && error.code !== "upload_finalized") {
        this.#renewed = true;
        this.upload = this.#newUpload();
        return this.#send();
      }
      this.failure = error;
      this.onProgress();
      throw error;
    }
  }

  /** After the server refused it: the same bytes again, from the first one. */
  restart() {
    void this.upload.discard();
    this.failure = null;
    this.#renewed = false;
    this.upload = this.#newUpload();
    this.done = undefined;
    return this.start();
  }

  /** It has ended, and every byte of it is in the spool. @param {number | null} seconds */
  finish(seconds) {
    this.seconds = seconds;
    this.#finished = true;
    this.upload.finish();
  }

  /** @param {boolean} held */
  hold(held) {
    this.#held = held;
    this.upload.hold(held);
  }

  /** Gone for good, here and on the server. */
  async drop() {
    this.#discarded = true;
    await Promise.all([this.upload.discard(), this.spool.close()]);
  }
}
