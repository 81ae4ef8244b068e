/** Times as people say and read them, finer than the clock of the camera. */

const language = document.documentElement.lang || "en";

/** "3.2 seconds", "1 minute, 4 seconds": said by screen readers, in the page's language. @param {number} seconds */
export function spoken(seconds) {
  const tenths = Math.max(0, Math.round(seconds * 10));
  const minutes = Math.floor(tenths / 600);
  const unit = (/** @type {number} */ amount, /** @type {string} */ name) =>
    new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "long", maximumFractionDigits: 1 }).format(amount);
  const rest = unit((tenths % 600) / 10, "second");
  return minutes ? `${unit(minutes, "minute")}, ${rest}` : rest;
}

/** "0:03.2". @param {number} seconds */
export function fineClock(seconds) {
  const tenths = Math.max(0, Math.round(seconds * 10));
  return `${Math.floor(tenths / 600)}:${String(Math.floor((tenths % 600) / 10)).padStart(2, "0")}.${tenths % 10}`;
}
