/** The record of one take on this device: what the page needs to go on with it after it was closed, reloaded or killed. */
import { claim } from "./claims.js";
import { bytesAt, keep, NotKept, piecesOf, remove, takesOf } from "./store.js";

const SOON_MS = 150;
const KEPT_FOR_MS = 7 * 24 * 3600 * 1000; // longer than the server keeps an upload; then a forgotten take leaves the device

/**
 * @typedef {import("./store.js").KeptTake} KeptTake
 * @typedef {import("./store.js").KeptSegment} KeptSegment
 * @typedef {{campaign: string, replace?: boolean, submit: string}} Place what the page is for
 */

/** A take that is to replace a video that was sent is no answer to the campaign itself. @param {Place} place */
const nameOf = ({ campaign, replace, submit }) => (replace ? submit : campaign);

export class Keeping {
  #take;
  #release;
  #closed = false;
  #soon = 0;

  /** @param {KeptTake} take @param {Promise<(() => void) | null>} held */
  constructor(take, held) {
    this.#take = take;
    this.#release = held;
  }

  /** @param {Place} place @param {"video" | "audio"} kind @param {Keeping | null} [replaced] of the take in whose place it comes */
  static begin(place, kind, replaced = null) {
    const id = crypto.randomUUID();
    const replaces = replaced ? [replaced.id, ...replaced.#take.replaces] : [];
    void navigator.storage?.persist?.().catch(() => {}); // or the browser may clear it where room gets short
    return new Keeping({ id, campaign: nameOf(place), kind, startedAt: Date.now(), replaces, draft: {}, segments: [] }, claim(id));
  }

  get id() {
    return this.#take.id;
  }

  get kind() {
    return this.#take.kind;
  }

  get draft() {
    return this.#take.draft;
  }

  get segments() {
    return this.#take.segments;
  }

  /** @param {Omit<KeptSegment, "index">} segment @returns {KeptSegment} change it, then `save` */
  add(segment) {
    const index = Math.max(-1, ...this.segments.map((each) => each.index)) + 1;
    const added = { ...segment, index };
    this.segments.push(added);
    return added;
  }

  /** @param {KeptSegment} segment */
  forget(segment) {
    this.#take.segments = this.segments.filter((each) => each !== segment);
    this.save();
  }

  /** Best effort: where it fails, the bytes fail too, and their spool says so. */
  save() {
    if (!this.#closed) void keep(this.#take).catch(() => {});
  }

  /** Once for all that is typed or dragged in one go. */
  #saveSoon() {
    this.#soon ||= setTimeout(() => { this.#soon = 0; this.save(); }, SOON_MS);
  }

  /** @param {import("./store.js").Draft} draft */
  saveDraft(draft) {
    this.#take.draft = draft;
    this.#saveSoon();
  }

  /** @param {import("./store.js").Marks} marks */
  saveMarks(marks) {
    this.#take.marks = { ...marks, of: this.segments.length };
    this.#saveSoon();
  }

  /** They were made for the segments that there were then: with another one, they would cut it off. */
  get marks() {
    const { of = -1, ...marks } = this.#take.marks ?? {};
    return of === this.segments.length ? marks : {};
  }

  /** @param {KeptSegment} segment @returns {import("./spool.js").Shelf} */
  shelf(segment) {
    return {
      write: async (offset, bytes) => {
        if (this.#closed) throw new NotKept("blocked");
        await keep(this.#take, { segment: segment.index, offset, bytes });
      },
      read: (offset, size) => bytesAt(this.id, segment.index, offset, size),
      clear: () => remove(this.id, segment.index),
    };
  }

  /** @param {KeptSegment} segment */
  pieces(segment) {
    return piecesOf(this.id, segment.index);
  }

  /** Off the device, for good. @param {boolean} [andReplaced] with the takes that it replaces */
  async drop(andReplaced = false) {
    this.#closed = true;
    const ids = andReplaced ? [this.id, ...this.#take.replaces] : [this.id];
    await Promise.all(ids.map((id) => remove(id).catch(() => {}))); // what cannot be removed now is removed once it is old
    await this.release();
  }

  /** Another tab may offer it. */
  async release() {
    (await this.#release)?.();
  }
}

/**
 * The takes that were not handed in and that no other tab holds, the latest first. They are held from here on.
 * @param {Place} place @returns {Promise<Keeping[]>} none where this browser keeps nothing
 */
export async function leftOver(place) {
  const found = [];
  for (const take of await takesOf(nameOf(place)).catch(() => [])) {
    const release = await claim(take.id);
    if (!release) continue;
    const keeping = new Keeping(take, Promise.resolve(release));
    if (Date.now() - take.startedAt > KEPT_FOR_MS) void keeping.drop();
    else found.push(keeping);
  }
  return found;
}
