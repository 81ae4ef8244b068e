/** The review as the recorder knows it. What it is made of is fetched when a take begins, so that the page itself stays small. */

let made = /** @type {typeof import("./review.js") | null} */ (null);
let pending = /** @type {Promise<typeof import("./review.js")> | null} */ (null);

/** Fetch it now, while the network is there. What did not arrive is asked for again. */
export function prepare() {
  pending ??= import("./review.js").then((module) => {
    module.bind();
    made = module;
    return module;
  });
  pending.catch(() => { pending = null; });
  return pending;
}

/**
 * Shows the segments as one clip. Where the player cannot be fetched, the take is as safe as before and can be sent unseen.
 * @param {Blob[]} blobs @param {(number | null)[]} seconds @param {import("./review.js").How} how
 * @returns {Promise<number | null>} the duration, null where it is not known
 */
export async function load(blobs, seconds, how) {
  const module = await prepare().catch(() => null);
  if (module) return module.load(blobs, seconds, how);
  return seconds.every((each) => each !== null) ? seconds.reduce((sum, each) => Number(sum) + Number(each), 0) : null;
}

export const marks = () => made?.marks() ?? {};
export const hasPicture = () => made?.hasPicture() ?? false;
export const pause = () => made?.pause();
export const unload = () => made?.unload();
