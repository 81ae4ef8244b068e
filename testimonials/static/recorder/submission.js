/** Sends the words that belong to what was uploaded. Safe to repeat: the server gives the same answer for the same uploads. */
import { readProblem } from "./uploader.js";

const TRIES = 4;
const WAIT_MS = 700;
const TOO_FAST_MS = 2000; // what a form must be old at least; who was offered a kept take may be faster than that

/** The server read it and says what to change; `errors` holds sentences by field. */
export class SubmissionRefused extends Error {
  /** @param {number} status @param {string} code @param {string} detail @param {Record<string, string[]>} errors */
  constructor(status, code, detail, errors) {
    super(detail);
    this.name = "SubmissionRefused";
    this.status = status;
    this.code = code;
    this.errors = errors;
  }
}

/** The server could not be reached, or had no answer; trying again later is fine. */
export class SubmissionUnreached extends Error {}

/**
 * @typedef {object} Submission
 * @property {string[]} uploads tokens of the segments, in their order; none for words alone
 * @property {"video" | "audio" | "photo" | "text"} kind
 * @property {string} name
 * @property {string} email
 * @property {string} title
 * @property {string} company
 * @property {number | null} rating
 * @property {string} text
 * @property {string[]} consent
 * @property {string} consent_hash of the text that was shown
 * @property {string} language
 * @property {string} guardian
 * @property {string} invitation
 * @property {string} handoff
 * @property {string} trap empty, unless a robot filled it in
 * @property {string} opened when the page was opened, signed
 * @property {number} [trim_start] seconds in the joined clip, like the next two
 * @property {number} [trim_end]
 * @property {number} [poster]
 *
 * @param {string} url @param {Submission} submission
 * @returns {Promise<{token: string, manageUrl: string}>}
 */
export async function submit(url, submission) {
  for (let attempt = 1; ; attempt += 1) {
    const response = await post(url, submission);
    if (response?.ok) {
      const { testimonial } = await response.json();
      return { token: testimonial.token, manageUrl: testimonial.manage_url };
    }
    if (response && response.status < 500 && ![408, 425, 429].includes(response.status)) {
      const { detail, code, errors } = await readProblem(response);
      if (code !== "too_fast" || attempt === TRIES) throw new SubmissionRefused(response.status, code, detail, errors ?? {});
      await new Promise((resolve) => setTimeout(resolve, TOO_FAST_MS));
      continue;
    }
    if (attempt === TRIES) throw new SubmissionUnreached();
    await new Promise((resolve) => setTimeout(resolve, WAIT_MS * 2 ** (attempt - 1) * (0.5 + Math.random())));
  }
}

/** @param {string} url @param {Submission} submission */
async function post(url, submission) {
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(), 30_000);
  try {
    return await fetch(url, {
      method: "POST", signal: limit.signal, body: JSON.stringify(submission),
      headers: { "Content-Type": "application/json", Accept: "application/json", "Accept-Language": document.documentElement.lang },
    });
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}
