/**
 * A spool holds the bytes of one take until the server has acknowledged all of them AND the testimonial was accepted:
 * an upload can then be rewound to any offset, started anew, played back and saved. Every method is asynchronous (except
 * the getter `size`), so that a spool on IndexedDB can take the place of the one in memory without a change elsewhere.
 *
 * @typedef {object} Spool
 * @property {number} size bytes held so far
 * @property {(bytes: ArrayBuffer) => Promise<void>} append
 * @property {(offset: number, maxBytes: number) => Promise<Uint8Array>} read at most maxBytes from offset; empty at the end
 * @property {(offset: number) => Promise<void>} acknowledge the server holds everything before offset
 * @property {(type: string) => Promise<Blob>} toBlob everything, to play or to save
 * @property {() => Promise<void>} close let go of the bytes
 */

/** The bytes are gone from the device: the file was moved or deleted, or the phone took the permission back. */
export class BytesLost extends Error {}

/** @implements {Spool} */
export class MemorySpool {
  /** @type {{start: number, bytes: Uint8Array}[]} */
  #chunks = [];
  #acknowledged = 0;
  size = 0;

  /** @param {ArrayBuffer} bytes */
  async append(bytes) {
    if (bytes.byteLength === 0) return;
    this.#chunks.push({ start: this.size, bytes: new Uint8Array(bytes) });
    this.size += bytes.byteLength;
  }

  /** @param {number} offset @param {number} maxBytes */
  async read(offset, maxBytes) {
    const end = Math.min(this.size, offset + maxBytes);
    const out = new Uint8Array(Math.max(0, end - offset));
    for (const { start, bytes } of this.#chunks) {
      if (start + bytes.byteLength <= offset) continue;
      if (start >= end) break;
      const from = Math.max(0, offset - start);
      const piece = bytes.subarray(from, Math.min(bytes.byteLength, end - start));
      out.set(piece, start + from - offset);
    }
    return out;
  }

  /** @param {number} offset */
  async acknowledge(offset) {
    this.#acknowledged = Math.max(this.#acknowledged, offset);
  }

  /** @param {string} type */
  async toBlob(type) {
    return new Blob(this.#chunks.map((chunk) => chunk.bytes), { type });
  }

  async close() {
    this.#chunks = [];
    this.size = 0;
  }
}

/** A file the person chose: it already lies on their device, so nothing is copied. @implements {Spool} */
export class FileSpool {
  #file;

  /** @param {File} file */
  constructor(file) {
    this.#file = file;
    this.size = file.size;
  }

  async append() {
    throw new TypeError("A chosen file does not grow.");
  }

  /** @param {number} offset @param {number} maxBytes */
  async read(offset, maxBytes) {
    try {
      return new Uint8Array(await this.#file.slice(offset, offset + maxBytes).arrayBuffer());
    } catch (error) {
      throw new BytesLost("The chosen file cannot be read any more.", { cause: error });
    }
  }

  async acknowledge() {}

  async toBlob() {
    return this.#file;
  }

  async close() {}
}
