// The words that sharers will find, filled in as they are written.

const EXAMPLE = { name: "Maya R.", company: "Rivera Bakery" };
const OURS = "{name} about {workspace}";

/**
 * @param {HTMLFormElement} form
 * @returns {() => void} shows what stands in the field now
 */
export function suggestion(form) {
  const part = /** @type {HTMLElement} */ (form.querySelector("[data-suggestions]"));
  const field = /** @type {HTMLTextAreaElement} */ (part.querySelector("[data-suggestion]"));
  const place = part.querySelector("[data-reads]");
  const values = { ...EXAMPLE, workspace: part.dataset.workspace };
  return () => {
    let words = field.value.trim() || OURS;
    for (const [name, value] of Object.entries(values)) words = words.replaceAll(`{${name}}`, () => value);
    if (place.textContent !== words) place.textContent = words;
  };
}
