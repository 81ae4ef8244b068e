/** What the server says about the page: whom it collects for, and which ways of telling are open. */

/**
 * @typedef {object} Config
 * @property {string} campaign its slug
 * @property {{text: string, hint?: string}[]} questions
 * @property {string} uploads where uploads begin
 * @property {string} submit where they are handed in
 * @property {string} steps where it is told how far people come; "" where it is not
 * @property {string} handoffs
 * @property {number} max_bytes
 * @property {number} max_seconds
 * @property {string[]} ways record, upload, audio, text, photo
 * @property {boolean} one_by_one
 * @property {string} invitation
 * @property {string} handoff
 * @property {boolean} replace a new video in the place of one that was sent
 * @property {string} language
 * @property {string} onward where they are led on to once they have handed in, or ""
 * @property {boolean} mail whoever hands in gets a mail with the link to their page
 */

/** @type {Config} */
export const config = JSON.parse(document.getElementById("recorder-config")?.textContent || '{"ways": [], "questions": []}');

/** Whether the campaign has one of these ways open. @param {string[]} ways */
export const offers = (...ways) => ways.some((way) => config.ways.includes(way));
