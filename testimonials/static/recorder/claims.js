/** A take belongs to one tab: the one that records or sends it. Other tabs neither offer it nor upload it. */

const BEAT_MS = 3000;
export const STALE_MS = 10_000; // without Web Locks a tab that crashed is told by its silence

/**
 * Holds a take for as long as this page lives.
 * @param {string} id @returns {Promise<(() => void) | null>} lets go of it; null while another tab holds it
 */
export function claim(id) {
  if (!navigator.locks) return Promise.resolve(beat(`held:${id}`));
  return new Promise((resolve) => {
    navigator.locks.request(`take:${id}`, { ifAvailable: true }, (lock) => {
      if (!lock) return resolve(null);
      return new Promise((release) => resolve(() => release(undefined)));
    }).catch(() => resolve(beat(`held:${id}`)));
  });
}

/** For browsers without Web Locks: a time that is written again and again. @param {string} key */
function beat(key) {
  try {
    if (Date.now() - Number(localStorage.getItem(key) ?? 0) < STALE_MS) return null;
    const write = () => localStorage.setItem(key, String(Date.now()));
    write();
    const timer = setInterval(write, BEAT_MS);
    const release = () => { clearInterval(timer); localStorage.removeItem(key); };
    addEventListener("pagehide", release, { once: true });
    return release;
  } catch {
    return () => {}; // no storage to write it into: then there is none to share with another tab either
  }
}
