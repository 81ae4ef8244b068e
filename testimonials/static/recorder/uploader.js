/**
 * A tus 1.0.0 client (creation, creation-defer-length, termination) that sends while the recording still runs.
 * The server's offset is the truth: after any failure it is asked again with HEAD, and the next slice is read from there.
 */
import { BytesLost } from "./spool.js";

const VERSION = { "Tus-Resumable": "1.0.0" };
export const MAX_SLICE = 5 * 1024 * 1024;
const MIN_SLICE = 64 * 1024;
const FIRST_SLICE = 1024 * 1024;
// While the recording runs, small pieces wait for company, as every PATCH becomes one stored object; but never for long.
const LIVE_SLICE = 512 * 1024;
const LIVE_WAIT_MS = 2000;
const SLICE_SECONDS = 4; // what a slice should take: long enough to be efficient, short enough to lose little when cut
const REQUEST_LIMIT_MS = 60_000;
const BACKOFF_MS = { first: 500, most: 15_000 };
const PERMANENT = new Set([400, 401, 403, 404, 405, 410, 412, 413, 415, 422]);

/** The server will not take this upload, and says why in a sentence. */
export class UploadRefused extends Error {
  /** @param {number} status @param {string} code @param {string} detail */
  constructor(status, code, detail) {
    super(detail || `The server answered ${status}.`);
    this.name = "UploadRefused";
    this.status = status;
    this.code = code;
    this.detail = detail;
  }
}

/** Worth another try. `reason` is offline, unreachable or server; `afterMs` is what the server asked for. */
class TryAgain extends Error {
  /** @param {string} reason @param {number} [afterMs] */
  constructor(reason, afterMs) {
    super(reason);
    this.reason = reason;
    this.afterMs = afterMs;
  }
}

/** @param {string} text */
const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

/**
 * Reads problem+json, and survives every other kind of body.
 * @param {Response} response
 */
export async function readProblem(response) {
  const body = await response.json().catch(() => ({}));
  const { detail = "", code = "", errors = {} } = body && typeof body === "object" ? body : {};
  return { detail: String(detail || ""), code: String(code || ""), errors };
}

/**
 * @typedef {object} Progress
 * @property {number} acknowledged bytes the server holds
 * @property {number} total bytes there are so far; the final number once `finished`
 * @property {boolean} finished no more bytes will come
 * @property {boolean} complete the server holds everything and knows it
 * @property {"" | "offline" | "unreachable" | "server"} trouble why it waits, if it does
 * @property {number} bytesPerSecond measured on the last slices; 0 while unknown
 */

export class Uploader {
  offset = 0;
  complete = false;
  #finished;
  #lengthKnown;
  #unsure;
  #resumed;
  #closed = false;
  #held = false;
  #slice = FIRST_SLICE;
  #rate = 0;
  #trouble = "";
  #sentAt = performance.now();
  #abort = new AbortController();
  #rest = { kind: "", wake: () => {} };

  /**
   * @param {object} options
   * @param {string} options.endpoint where uploads are created
   * @param {Record<string, string>} options.metadata campaign, filename, filetype
   * @param {import("./spool.js").Spool} options.spool
   * @param {boolean} options.live true while bytes are still being recorded
   * @param {string} [options.url] an upload that an earlier page began; the server is asked how far it got
   * @param {(progress: Progress) => void} [options.onProgress]
   * @param {(url: string) => void} [options.onCreated] from now on it can be resumed
   */
  constructor({ endpoint, metadata, spool, live, url = "", onProgress = () => {}, onCreated = () => {} }) {
    this.endpoint = endpoint;
    this.metadata = metadata;
    this.spool = spool;
    this.url = url;
    this.onProgress = onProgress;
    this.onCreated = onCreated;
    this.#finished = !live;
    this.#lengthKnown = !live && !url;
    this.#unsure = this.#resumed = Boolean(url);
  }

  /** The last part of the upload's address: what a submission names. */
  get token() {
    return this.url.replace(/\/+$/, "").split("/").pop() ?? "";
  }

  /** A browser that was killed may have sent more than it has kept: the server's bytes are the same recording, and count. */
  get total() {
    return this.#resumed ? Math.max(this.spool.size, this.offset) : this.spool.size;
  }

  /** Sends until everything arrived. Rejects with UploadRefused or BytesLost; never because of the network. */
  start() {
    const again = () => this.retryNow();
    const listening = new AbortController(); // back from a tunnel, from the background, from a closed lid
    for (const name of ["online", "pageshow"]) addEventListener(name, again, { signal: listening.signal });
    for (const name of ["visibilitychange", "resume"]) document.addEventListener(name, again, { signal: listening.signal });
    this.done = this.#run().finally(() => listening.abort());
    this.done.catch(() => {}); // whoever waits for it sees the error; nobody waiting is not an unhandled one
    return this.done;
  }

  /** More bytes lie in the spool. */
  nudge() {
    if (this.#rest.kind === "idle") this.#rest.wake();
    this.#report();
  }

  /** The recording has ended and every byte of it was appended. */
  finish() {
    this.#finished = true;
    this.nudge();
    this.retryNow();
  }

  /** Do not wait for the back-off to end. */
  retryNow() {
    if (this.#rest.kind === "retry") this.#rest.wake();
  }

  /** Leave the network to another take for a while. @param {boolean} held */
  hold(held) {
    this.#held = held;
    if (!held && this.#rest.kind === "held") this.#rest.wake();
  }

  /** Give the upload up and tell the server, which would otherwise keep the bytes until they expire. */
  async discard() {
    this.#closed = true;
    this.#abort.abort();
    this.#rest.wake();
    if (!this.url) return;
    await fetch(this.url, { method: "DELETE", headers: VERSION, keepalive: true }).catch(() => {});
  }

  async #run() {
    let failures = 0;
    while (!this.#closed) {
      try {
        if (await this.#step()) return;
        failures = 0;
        this.#trouble = "";
      } catch (error) {
        if (this.#closed) return;
        if (!(error instanceof TryAgain)) throw error;
        failures += 1;
        this.#unsure = Boolean(this.url);
        this.#trouble = navigator.onLine === false ? "offline" : error.reason;
        this.#report();
        await this.#pause("retry", error.afterMs ?? this.#backoff(failures));
      }
      this.#report();
    }
  }

  /** One request, or one wait. @returns {Promise<boolean>} true when all is done */
  async #step() {
    const pending = this.total - this.offset;
    if (this.#held) await this.#pause("held");
    else if (!this.url) await this.#create();
    else if (this.#unsure) await this.#askOffset();
    else if (this.#finished && pending === 0 && this.#lengthKnown) return this.#conclude();
    else if (!this.#finished && !this.#worthSending(pending)) await this.#pause("idle", pending > 0 ? LIVE_WAIT_MS / 4 : undefined);
    else await this.#sendSlice();
    return false;
  }

  /** @param {number} pending */
  #worthSending(pending) {
    return pending >= LIVE_SLICE || (pending > 0 && performance.now() - this.#sentAt > LIVE_WAIT_MS);
  }

  async #create() {
    const described = Object.entries(this.metadata).filter(([, value]) => value);
    /** @type {Record<string, string>} */
    const length = this.#lengthKnown ? { "Upload-Length": String(this.spool.size) } : { "Upload-Defer-Length": "1" };
    const response = await this.#ask(this.endpoint, "POST", {
      ...length,
      "Upload-Metadata": described.map(([key, value]) => `${key} ${base64(value)}`).join(","),
    });
    const location = response.headers.get("Location");
    if (!location) throw new UploadRefused(response.status, "no_location", "");
    this.url = new URL(location, new URL(this.endpoint, document.baseURI)).href;
    this.onCreated(this.url);
  }

  async #askOffset() {
    const response = await this.#ask(this.url, "HEAD", {});
    this.#moveTo(response);
    const length = response.headers.get("Upload-Length");
    if (length !== null) this.#lengthKnown = true;
    // The end was announced, but its bytes were neither sent nor kept: this upload can never be complete.
    if (this.#resumed && this.#finished && Number(length ?? 0) > this.total) throw new UploadRefused(410, "end_lost", "");
    this.#unsure = false;
  }

  async #sendSlice() {
    const bytes = await this.spool.read(this.offset, this.#slice).catch((/** @type {unknown} */ error) => {
      throw error instanceof BytesLost ? error : new TryAgain("");
    });
    const end = this.offset + bytes.byteLength;
    const last = this.#finished && end === this.total;
    /** @type {Record<string, string>} */
    const headers = { "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(this.offset) };
    if (last && !this.#lengthKnown) headers["Upload-Length"] = String(end);
    const began = performance.now();
    const response = await this.#ask(this.url, "PATCH", headers, bytes);
    this.#moveTo(response);
    if (last) this.#lengthKnown = true;
    this.#sentAt = performance.now();
    this.#learnRate(bytes.byteLength, (performance.now() - began) / 1000);
  }

  /** @param {Response} response */
  #moveTo(response) {
    const offset = Number(response.headers.get("Upload-Offset") ?? NaN);
    if (!Number.isInteger(offset) || offset < 0 || (offset > this.spool.size && !this.#resumed)) {
      throw new UploadRefused(response.status, "offset", "");
    }
    this.offset = offset;
  }

  #conclude() {
    this.complete = true;
    this.#trouble = "";
    this.#report();
    return true;
  }

  /** @param {number} sent @param {number} seconds */
  #learnRate(sent, seconds) {
    if (sent < MIN_SLICE || seconds <= 0) return;
    const now = sent / seconds;
    this.#rate = this.#rate ? this.#rate * 0.6 + now * 0.4 : now;
    this.#slice = Math.round(Math.min(MAX_SLICE, Math.max(MIN_SLICE, this.#rate * SLICE_SECONDS)));
  }

  /**
   * @param {string} url @param {string} method @param {Record<string, string>} headers @param {Uint8Array<ArrayBuffer>} [body]
   * @returns {Promise<Response>} an answer of the 2xx kind
   */
  async #ask(url, method, headers, body) {
    const limit = new AbortController();
    const giveUp = () => limit.abort();
    const timer = setTimeout(giveUp, REQUEST_LIMIT_MS);
    this.#abort.signal.addEventListener("abort", giveUp);
    try {
      const response = await fetch(url, { method, headers: { ...VERSION, ...headers }, body, signal: limit.signal, cache: "no-store" });
      if (response.ok) return response;
      throw await this.#judge(response);
    } catch (error) {
      if (error instanceof UploadRefused || error instanceof TryAgain) throw error;
      // A slice that did not get through in the time given was too large for this line.
      if (limit.signal.aborted) this.#slice = Math.max(MIN_SLICE, Math.round(this.#slice / 4));
      throw new TryAgain("unreachable");
    } finally {
      clearTimeout(timer);
      this.#abort.signal.removeEventListener("abort", giveUp);
    }
  }

  /** @param {Response} response */
  async #judge(response) {
    if (PERMANENT.has(response.status)) {
      const { detail, code } = await readProblem(response);
      return new UploadRefused(response.status, code, detail);
    }
    const seconds = Number(response.headers.get("Retry-After") ?? NaN);
    const wait = Number.isFinite(seconds) ? Math.min(60, Math.max(0, seconds)) * 1000 : undefined;
    // 409 and 423: another request of ours is still being written; HEAD will tell how far it got.
    return new TryAgain([409, 423].includes(response.status) ? "" : "server", wait);
  }

  /** Full jitter, so that many phones coming back from one dead spot do not all knock at once. @param {number} failures */
  #backoff(failures) {
    const most = Math.min(BACKOFF_MS.most, BACKOFF_MS.first * 2 ** Math.min(failures, 10));
    return most / 4 + Math.random() * most * 0.75;
  }

  /** @param {string} kind @param {number} [ms] */
  async #pause(kind, ms) {
    await new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(resolve, ms);
      this.#rest = { kind, wake: () => { clearTimeout(timer); resolve(undefined); } };
    });
    this.#rest = { kind: "", wake: () => {} };
  }

  #report() {
    this.onProgress({
      acknowledged: this.offset, total: this.total, finished: this.#finished, complete: this.complete,
      trouble: /** @type {Progress["trouble"]} */ (this.#trouble), bytesPerSecond: this.#rate,
    });
  }
}

export { BytesLost };
