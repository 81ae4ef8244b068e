/** What a media element does, as promises. Recorded WebM has no duration and no index; browsers seek in it nevertheless. */

const OPEN_MS = 8000;
const LEARN_MS = 3000;
const SEEK_MS = 2000;
const PICTURE_MS = 150;

/**
 * Until the first picture (or the first sound) is there.
 * @param {HTMLMediaElement} player @param {string} url @returns {Promise<boolean>} false when this browser cannot play it
 */
export async function openSource(player, url) {
  const playable = await new Promise((resolve) => {
    player.addEventListener("loadeddata", () => resolve(true), { once: true });
    player.addEventListener("error", () => resolve(false), { once: true });
    setTimeout(() => resolve(player.readyState >= 2), OPEN_MS);
    player.src = url;
    player.load();
  });
  return playable && !player.error;
}

/** @param {HTMLMediaElement} player */
export function closeSource(player) {
  player.pause();
  player.removeAttribute("src");
  player.load();
}

/** @param {HTMLMediaElement} player */
const known = (player) => (Number.isFinite(player.duration) ? player.duration : null);

/**
 * The duration in seconds, where it has to be learned beside the player: it seeks far past the end for it, which makes the
 * browser read to the end, and after that Chromium may keep showing the last picture.
 * @param {HTMLMediaElement} player that has the source open @returns {Promise<number | null>} null when it stays unknown
 */
export async function durationOf(player) {
  if (known(player) !== null) return known(player);
  const reader = document.createElement("video");
  reader.muted = true;
  if (await openSource(reader, player.currentSrc)) {
    await new Promise((resolve) => {
      reader.addEventListener("durationchange", () => { if (known(reader) !== null) resolve(undefined); });
      setTimeout(resolve, LEARN_MS);
      reader.currentTime = 1e7;
    });
  }
  const seconds = known(reader);
  closeSource(reader);
  return seconds;
}

/** The same for a source that no player has open. @param {string} url @returns {Promise<number | null>} also when it cannot be played */
export async function durationAt(url) {
  const reader = document.createElement("video");
  reader.muted = true;
  const seconds = (await openSource(reader, url)) ? await durationOf(reader) : null;
  closeSource(reader);
  return seconds;
}

/** Until the picture of that moment is there: `seeked` comes first. @param {HTMLVideoElement} player @param {number} seconds */
export async function moveTo(player, seconds) {
  if (Math.abs(player.currentTime - seconds) < 0.001 && !player.seeking) return;
  const pictured = new Promise((resolve) => {
    if (player.videoWidth && "requestVideoFrameCallback" in player) player.requestVideoFrameCallback(resolve);
    else resolve(undefined);
  });
  await new Promise((resolve) => {
    player.addEventListener("seeked", resolve, { once: true });
    setTimeout(resolve, SEEK_MS);
    player.currentTime = seconds;
  });
  await Promise.race([pictured, new Promise((resolve) => { setTimeout(resolve, PICTURE_MS); })]); // the same picture again is not told
}
