// The only places where nodes and addresses are made. Text becomes text nodes, never markup, so a quote cannot run.

const SVG = 'http://www.w3.org/2000/svg';

/** An element. Its classes are also its parts, for the page's `::part()`. Functions in `properties` become listeners;
 *  null and false are left out, among the children too. */
export function el(name, properties, ...children) {
  const node = fill(document.createElement(name), properties);
  if (node.className) node.setAttribute('part', node.className);
  children.filter(Boolean).forEach((child) => node.append(child));
  return node;
}

export const button = (kind, label, click, ...children) =>
  el('button', { type: 'button', class: kind, 'aria-label': label, click }, ...children);

const drawn = {};

/** A 24 × 24 picture from one path. It says nothing to a screen reader unless it gets a label. Drawn once, then copied. */
export const icon = (path, label) => (drawn[path + label] ||= draw(path, label)).cloneNode(true);

function draw(path, label) {
  const image = fill(document.createElementNS(SVG, 'svg'), {
    viewBox: '0 0 24 24', role: label && 'img', 'aria-label': label, 'aria-hidden': label ? null : 'true',
  });
  image.append(fill(document.createElementNS(SVG, 'path'), { d: path }));
  return image;
}

/** The address, made absolute, if a browser may open or load it; '' for javascript:, data: and nonsense. */
export function webAddress(value, base) {
  if (/^https?:\/\/[\w.-]+(:\d+)?\/[-\w/.?=&%~]*$/.test(value)) return value; // almost all of them, and a parser takes long
  try {
    const { protocol, href } = new URL(value, value && base);
    return /^https?:$/.test(protocol) ? href : '';
  } catch {
    return '';
  }
}

const sheets = new Map();

/** Gives a shadow root a style sheet, once. Constructed sheets pass a strict Content-Security-Policy of the host; a
 *  style element, for Safari before 16.4, would need an exception. */
export function dress(root, css) {
  try {
    if (!sheets.has(css)) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(css);
      sheets.set(css, sheet);
    }
    const worn = root.adoptedStyleSheets;
    if (!worn.includes(sheets.get(css))) root.adoptedStyleSheets = [...worn, sheets.get(css)];
  } catch {
    root.append(el('style', null, css));
  }
}

/** Gives a node listeners, where the property is a function, and attributes. */
export function fill(node, properties) {
  for (const [name, value] of Object.entries(properties || {})) {
    if (typeof value === 'function') node.addEventListener(name, value);
    else if (value != null && value !== false) node.setAttribute(name, value === true ? '' : value);
  }
  return node;
}
