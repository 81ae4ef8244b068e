// Parts of a page that a template holds.

/** Shows what only works with a script. @param {ParentNode} place */
export function reveal(place) {
  for (const each of place.querySelectorAll("[data-script-only]")) each.hidden = false;
}

/**
 * The element in a template, with the places in its attributes filled in: `__number__` by `values.number`.
 * @param {HTMLTemplateElement} template
 * @param {Record<string, string>} values
 * @returns {HTMLElement}
 */
export function grown(template, values) {
  const part = /** @type {HTMLElement} */ (template.content.firstElementChild.cloneNode(true));
  for (const element of [part, ...part.querySelectorAll("*")]) {
    for (const attribute of element.attributes) {
      for (const [name, value] of Object.entries(values)) attribute.value = attribute.value.replaceAll(`__${name}__`, value);
    }
  }
  reveal(part);
  return part;
}
