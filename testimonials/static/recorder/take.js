/** One take: its bytes, its upload and what is known about it. A retake makes a second one; the first lives until then. */
import { FileSpool, MemorySpool } from "./spool.js";
import { Uploader } from "./uploader.js";

const EXTENSIONS = { "video/mp4": "mp4", "video/webm": "webm", "video/x-matroska": "mkv", "video/quicktime": "mov" };

export class Take {
  failure = /** @type {unknown} */ (null); // why the server will not have it, once it said so
  seconds = /** @type {number | null} */ (null);
  progress = /** @type {import("./uploader.js").Progress} */ (
    { acknowledged: 0, total: 0, finished: false, complete: false, trouble: "", bytesPerSecond: 0 });

  /**
   * @param {object} options
   * @param {import("./spool.js").Spool} options.spool
   * @param {boolean} options.live
   * @param {string} options.type
   * @param {string} options.filename
   * @param {{campaign: string, invitation?: string, uploads: string}} options.config
   * @param {(take: Take) => void} options.onProgress
   */
  constructor(options) {
    Object.assign(this, options);
    this.upload = this.#newUpload();
  }

  #newUpload() {
    const { config, filename, type, spool, live } = this;
    return new Uploader({
      endpoint: config.uploads, spool, live,
      metadata: { campaign: config.campaign, invitation: config.invitation ?? "", filename, filetype: type },
      onProgress: (progress) => {
        this.progress = progress;
        this.onProgress(this);
      },
    });
  }

  /** After the server refused or forgot the first upload: the same bytes again, from the first one. */
  restart() {
    void this.upload.discard();
    this.failure = null;
    this.live = false;
    this.upload = this.#newUpload();
    return this.upload.start();
  }

  /** Gone for good, here and on the server. */
  async drop() {
    await this.upload.discard();
    await this.spool.close();
  }
}

/** @param {string} type @param {{campaign: string, uploads: string}} config @param {(take: Take) => void} onProgress */
export function recordedTake(type, config, onProgress) {
  return new Take({ spool: new MemorySpool(), live: true, type, filename: `testimonial.${EXTENSIONS[type] ?? "webm"}`, config, onProgress });
}

/** @param {File} file @param {{campaign: string, uploads: string}} config @param {(take: Take) => void} onProgress */
export function fileTake(file, config, onProgress) {
  const type = file.type || (/\.mov$/i.test(file.name) ? "video/quicktime" : "video/mp4");
  return new Take({ spool: new FileSpool(file), live: false, type, filename: file.name, config, onProgress });
}

/** Hands the bytes to the person. @param {Take} take */
export async function saveCopy(take) {
  const url = URL.createObjectURL(await take.spool.toBlob(take.type));
  const link = Object.assign(document.createElement("a"), { href: url, download: take.filename });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
