/**
 * What outlives the page: takes that were not handed in yet, in IndexedDB. Bytes are kept as ArrayBuffers (Safari fails on
 * Blobs) under [take, segment, offset, size], so that what is there is known without reading it.
 * Everything here may fail, and may never answer: a private window, blocked storage, a full disk. Callers say so and go on.
 */
const NAME = "testimonials-recorder";
const VERSION = 1;
const OPEN_MS = 3000; // some browsers neither open the database nor refuse it
const WORK_MS = 8000;

/** The device did not keep it. `reason` is full or blocked. */
export class NotKept extends Error {
  /** @param {"full" | "blocked"} reason @param {unknown} [cause] */
  constructor(reason, cause) {
    super(`The browser's storage is ${reason}.`, { cause });
    this.name = "NotKept";
    this.reason = reason;
  }
}

/**
 * @typedef {{trim_start?: number, trim_end?: number, poster?: number}} Marks seconds in the joined clip
 * @typedef {Record<string, string | string[]>} Draft by the names of the fields
 *
 * @typedef {object} KeptSegment
 * @property {number} index its number within the take; numbers are never given twice
 * @property {string} type
 * @property {string} filename
 * @property {number | null} question
 * @property {number | null} seconds null while it is being recorded
 * @property {boolean} finished
 * @property {string} url where it is being uploaded to, once that is known
 *
 * @typedef {object} KeptTake
 * @property {string} id
 * @property {string} campaign its slug, or where a video is replaced
 * @property {"video" | "audio"} kind
 * @property {number} startedAt ms since 1970
 * @property {string[]} replaces ids of the takes whose place it takes
 * @property {Draft} draft what was filled into the form
 * @property {Marks & {of: number}} [marks] what was marked while looking at it; `of` so many segments
 * @property {KeptSegment[]} segments
 */

/** @type {Promise<IDBDatabase> | null} */
let opening = null;

function open() {
  opening ??= new Promise((resolve, reject) => {
    setTimeout(() => reject(new NotKept("blocked")), OPEN_MS);
    const request = indexedDB.open(NAME, VERSION);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("takes", { keyPath: "id" }).createIndex("campaign", "campaign");
      request.result.createObjectStore("chunks");
    };
    request.onerror = () => reject(named(request.error));
    request.onsuccess = () => {
      const database = request.result;
      database.onclose = forget; // cleared by the person, or lost by a browser that slept
      database.onversionchange = () => { database.close(); forget(); };
      resolve(database);
    };
  });
  opening.catch(forget);
  return opening;
}

function forget() {
  opening = null;
}

/** @param {unknown} error */
function named(error) {
  if (error instanceof NotKept) return error;
  const full = error instanceof Error && error.name === "QuotaExceededError";
  return new NotKept(full ? "full" : "blocked", error);
}

/**
 * One transaction. Its result is what `work` hands to `give`, once everything is on the disk.
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(takes: IDBObjectStore, chunks: IDBObjectStore, give: (value: T) => void) => void} work
 * @returns {Promise<T>} rejects with NotKept
 */
async function run(mode, work, again = true) {
  try {
    const database = await open();
    return await new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new NotKept("blocked")), WORK_MS);
      const transaction = database.transaction(["takes", "chunks"], mode, { durability: "strict" });
      /** @type {any} */
      let result;
      const end = (/** @type {() => void} */ settle) => { clearTimeout(late); settle(); };
      transaction.oncomplete = () => end(() => resolve(result));
      transaction.onabort = () => end(() => reject(named(transaction.error)));
      work(transaction.objectStore("takes"), transaction.objectStore("chunks"), (value) => { result = value; });
    });
  } catch (error) {
    const lost = error instanceof DOMException && error.name === "InvalidStateError"; // the connection went away in between
    if (!lost || !again) throw named(error);
    forget();
    return run(mode, work, false);
  }
}

const all = (/** @type {string} */ take) => IDBKeyRange.bound([take], [take, []]); // an array sorts behind every number
const of = (/** @type {string} */ take, /** @type {number} */ segment) => IDBKeyRange.bound([take, segment], [take, segment, []]);

/** A take with some of its bytes, in one go: bytes without a take would never be found again. @param {KeptTake} take
 * @param {{segment: number, offset: number, bytes: ArrayBuffer}} [chunk] */
export const keep = (take, chunk) => run("readwrite", (takes, chunks) => {
  takes.put(take);
  if (chunk) chunks.put(chunk.bytes, [take.id, chunk.segment, chunk.offset, chunk.bytes.byteLength]);
});

/** @param {string} campaign @returns {Promise<KeptTake[]>} the latest first */
export async function takesOf(campaign) {
  const found = await run("readonly", (takes, _, give) => {
    const request = takes.index("campaign").getAll(campaign);
    request.onsuccess = () => give(request.result);
  });
  return /** @type {KeptTake[]} */ (found).sort((one, other) => other.startedAt - one.startedAt);
}

/** Pieces that follow one another without a gap from the first byte on. @param {string} take @param {number} segment
 * @returns {Promise<{offset: number, size: number}[]>} */
export async function piecesOf(take, segment) {
  const keys = await run("readonly", (_, chunks, give) => {
    const request = chunks.getAllKeys(of(take, segment));
    request.onsuccess = () => give(request.result);
  });
  const pieces = [];
  let end = 0;
  for (const [, , offset, size] of /** @type {[string, number, number, number][]} */ (keys)) {
    if (offset !== end) break;
    pieces.push({ offset, size });
    end += size;
  }
  return pieces;
}

/** @param {string} take @param {number} segment @param {number} offset @param {number} size
 * @returns {Promise<ArrayBuffer | undefined>} */
export const bytesAt = (take, segment, offset, size) => run("readonly", (_, chunks, give) => {
  const request = chunks.get([take, segment, offset, size]);
  request.onsuccess = () => give(request.result);
});

/** @param {string} take @param {number} [segment] only this one's bytes; without it the take is gone too */
export const remove = (take, segment) => run("readwrite", (takes, chunks) => {
  if (segment === undefined) takes.delete(take);
  chunks.delete(segment === undefined ? all(take) : of(take, segment));
});
