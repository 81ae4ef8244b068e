/**
 * A spool holds the bytes of one segment until the server has acknowledged all of them AND the testimonial was accepted:
 * an upload can then be rewound to any offset, started anew, played back and saved.
 *
 * @typedef {object} Spool
 * @property {number} size bytes held so far
 * @property {(offset: number, maxBytes: number) => Promise<Uint8Array<ArrayBuffer>>} read at most maxBytes from offset; empty at the end
 * @property {(type: string) => Promise<Blob>} toBlob everything, to play or to save
 * @property {boolean} kept it would survive the end of this page
 * @property {"" | "full" | "blocked"} trouble why the device does not keep it
 * @property {() => Promise<void>} close let go of the bytes
 *
 * Where a recording is kept beyond the page:
 * @typedef {object} Shelf
 * @property {(offset: number, bytes: ArrayBuffer) => Promise<unknown>} write
 * @property {(offset: number, size: number) => Promise<ArrayBuffer | undefined>} read
 * @property {() => Promise<unknown>} clear
 */
import { NotKept } from "./store.js";

const MEMORY_BYTES = 16 * 1024 * 1024; // what lies on the device need not lie in memory too; a long take would fill a phone
const WRITE_AGAIN_MS = 5000;

/** The bytes are gone from the device: the file was moved or deleted, or the phone took the permission back. */
export class BytesLost extends Error {}

/**
 * What is being recorded. Each piece goes to the device's storage at once; until it is there, and where that fails, memory
 * holds it. @implements {Spool}
 */
export class RecordingSpool {
  /** @type {{offset: number, size: number, bytes: ArrayBuffer | null}[]} */
  #pieces;
  #shelf;
  #written; // how many of the pieces lie on the shelf, counted from the first: a gap could not be recovered
  #released = 0; // how many of those are out of memory
  #inMemory = 0;
  #writing = false;
  #closed = false;
  size;
  trouble = /** @type {"" | "full" | "blocked"} */ (""); // why the device does not keep it, if it does not

  /**
   * @param {Shelf} shelf
   * @param {object} [options]
   * @param {{offset: number, size: number}[]} [options.pieces] what lies there already
   * @param {() => void} [options.onTrouble] `trouble` has changed
   */
  constructor(shelf, { pieces = [], onTrouble = () => {} } = {}) {
    this.#shelf = shelf;
    this.#pieces = pieces.map((piece) => ({ ...piece, bytes: null }));
    this.#written = this.#released = pieces.length;
    this.size = pieces.reduce((sum, piece) => sum + piece.size, 0);
    this.onTrouble = onTrouble;
  }

  get kept() {
    return !this.trouble && this.#written > 0;
  }

  /** @param {ArrayBuffer} bytes */
  append(bytes) {
    if (bytes.byteLength === 0 || this.#closed) return;
    this.#pieces.push({ offset: this.size, size: bytes.byteLength, bytes });
    this.size += bytes.byteLength;
    this.#inMemory += bytes.byteLength;
    void this.#write();
  }

  async #write() {
    if (this.#writing) return;
    this.#writing = true;
    while (this.#written < this.#pieces.length && !this.#closed) {
      const { offset, bytes } = this.#pieces[this.#written];
      try {
        await this.#shelf.write(offset, /** @type {ArrayBuffer} */ (bytes));
      } catch (error) {
        this.#say(error instanceof NotKept ? error.reason : "blocked");
        await new Promise((resolve) => { setTimeout(resolve, WRITE_AGAIN_MS); }); // space may be made
        continue;
      }
      this.#written += 1;
      this.#say("");
      this.#release();
    }
    this.#writing = false;
  }

  /** @param {"" | "full" | "blocked"} trouble */
  #say(trouble) {
    if (this.trouble === trouble || this.#closed) return;
    this.trouble = trouble;
    this.onTrouble();
  }

  #release() {
    while (this.#inMemory > MEMORY_BYTES && this.#released < this.#written) {
      const piece = this.#pieces[this.#released];
      piece.bytes = null;
      this.#released += 1;
      this.#inMemory -= piece.size;
    }
  }

  /** @param {{offset: number, size: number, bytes: ArrayBuffer | null}} piece */
  async #bytesOf({ offset, size, bytes }) {
    if (bytes) return bytes;
    const found = await this.#shelf.read(offset, size); // a storage that does not answer now may do so later
    if (!found) throw lost();
    return found;
  }

  /** @param {number} offset @param {number} maxBytes */
  async read(offset, maxBytes) {
    const end = Math.min(this.size, offset + maxBytes);
    const out = new Uint8Array(Math.max(0, end - offset));
    for (const piece of this.#pieces) {
      if (piece.offset + piece.size <= offset) continue;
      if (piece.offset >= end) break;
      const from = Math.max(0, offset - piece.offset);
      const until = Math.min(piece.size, end - piece.offset);
      out.set(new Uint8Array(await this.#bytesOf(piece), from, until - from), piece.offset + from - offset);
    }
    return out;
  }

  /** @param {string} type */
  async toBlob(type) {
    const parts = [];
    for (const piece of this.#pieces) parts.push(await this.#bytesOf(piece));
    return new Blob(parts, { type });
  }

  async close() {
    this.#closed = true;
    this.#pieces = [];
    this.size = 0;
    await this.#shelf.clear().catch(() => {}); // what cannot be removed now is removed once it is old
  }
}

/** @param {unknown} [cause] */
const lost = (cause) => new BytesLost("The browser has let go of the recording.", { cause });

/** A file the person chose: it already lies on their device, so nothing is copied. @implements {Spool} */
export class FileSpool {
  #file;
  kept = false;
  trouble = /** @type {"" | "full" | "blocked"} */ ("");

  /** @param {File} file */
  constructor(file) {
    this.#file = file;
    this.size = file.size;
  }

  /** @param {number} offset @param {number} maxBytes */
  async read(offset, maxBytes) {
    try {
      return new Uint8Array(await this.#file.slice(offset, offset + maxBytes).arrayBuffer());
    } catch (error) {
      throw new BytesLost("The chosen file cannot be read any more.", { cause: error });
    }
  }

  async toBlob() {
    return this.#file;
  }

  async close() {}
}
