/** The page's language: translations that the server put into the page, for the sentences that scripts say. */

/** @type {Record<string, string>} */
const words = JSON.parse(document.getElementById("words")?.textContent || "{}");

/**
 * A sentence in the page's language, with `{name}` places filled in. The message itself is English, and must be written
 * here as one plain string: that is how it is found for the translators.
 * @param {string} message @param {Record<string, string | number>} [values]
 */
export function t(message, values = {}) {
  return (words[message] ?? message).replace(/\{(\w+)\}/g, (whole, name) => String(values[name] ?? whole));
}
