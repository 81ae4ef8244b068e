// The share popover: a small dialog in the top layer that does not lock the page. The browser itself opens and closes
// it (second click, Escape, a click outside), and CSS keeps it at its button. Links are links: the server mints a short
// link for each act and sends the visitor on. The few networks below are there at once; the others, all
// signs, the sharer's own words, the embed code and the file come with a part.
import { button, el, icon, webAddress } from './dom.js';
import { CLOSE, SHARE } from './icons.js';
import { load } from './parts.js';
import { isolate } from './strings.js';

const MINT_MS = 4000;
const LABELS = { __proto__: null, native: 'More', x: 'X', linkedin: 'LinkedIn', whatsapp: 'WhatsApp' };

/** The networks of the feed that this browser can offer. */
export const offered = ({ links, share: networks }) =>
  links && networks ? networks.filter((name) => name !== 'native' || navigator.share) : [];

/** What the button and the dialog are called. */
export const sharing = ({ name }) => `Share ${isolate(name)}’s story`;

/** To be called by a click on `opener`. `view` has networks, links, announce(text) and report(type, item, more). */
export function share(opener, item, view) {
  opener.focus(); // Safari gives a clicked button no focus, so there would be none to give back
  let box = opener.nextSibling;
  if (!box) {
    box = dialog(item, view, opener);
    box.hidden = !box.showPopover;
    opener.after(box);
    opener.popoverTargetElement = box; // still seen by the click that runs now
    load('share').then((extend) => extend?.(box, item, view));
  }
  if (!box.showPopover) box.hidden = !box.hidden; // browsers of before 2024: the button alone opens and closes
}

function dialog(item, view, opener) {
  const title = sharing(item);
  return el('div', {
    class: 'popover',
    role: 'dialog',
    'aria-label': title,
    popover: '',
    tabindex: -1,
    autofocus: true,
    beforetoggle: ({ newState, target }) => {
      opener.setAttribute('aria-expanded', newState === 'open');
      if (target.matches(':focus-within')) opener.focus(); // on closing; not every browser gives it back itself
    },
  },
    el('header', null, el('b', null, title), button('round', 'Close', () => opener.click(), icon(CLOSE))),
    el('div', { class: 'targets' }, ...view.networks.map((name) => target(name, item, view))),
    view.networks.includes('copy') && copyRow(item, view));
}

function target(name, item, view) {
  const label = LABELS[name];
  const report = () => view.report('share', item, { network: name });
  const inside = [icon(SHARE), label];
  if (name === 'native') {
    return button(name, null, ({ currentTarget }) => {
      const url = new URL(item.shareUrl);
      url.searchParams.set('via', name);
      // Minting first would use up the click that share() needs. A rejection is the visitor changing their mind.
      navigator.share({ title: item.name, text: currentTarget.words || item.quote, url: url.href }).then(report, () => {});
    }, ...inside);
  }
  const href = label && (item.social || name === 'whatsapp') && fillIn(view.links.share, item, name);
  return href && el('a', { class: name, href, target: '_blank', rel: 'noopener', click: report }, ...inside);
}

function copyRow(item, view) {
  const field = el('input', { readonly: true, value: item.shareUrl, 'aria-label': 'Link' });
  let minted;
  const row = button('button copy', null, async () => {
    minted ||= mint(item, view, 'copy');
    if (await copy(minted, field, view)) {
      row.textContent = 'Link copied';
      view.report('share', item, { network: 'copy' });
    }
  }, 'Copy link');
  return el('div', { class: 'link' }, field, row);
}

/** Puts the text of a promise on the clipboard and says so. `field` shows it, chosen, for the visitor to copy where that is
 *  forbidden. A promise, because Safari only lets a click write to the clipboard if the write begins at once. */
export async function copy(promise, field, view) {
  const { clipboard } = navigator;
  let done = true;
  try {
    const text = promise.then((value) => new Blob([value], { type: 'text/plain' }));
    await clipboard.write([new ClipboardItem({ 'text/plain': text })]).catch(async () => clipboard.writeText(await promise));
  } catch {
    done = false;
  }
  field.value = await promise;
  field.select();
  done ||= document.execCommand('copy'); // plain http has no clipboard object, but still this
  view.announce(done ? 'Copied' : 'Copy this');
  return done;
}

/** The short link of this act, or the plain address where the server cannot be reached. Never rejects. */
export async function mint(item, { links }, network) {
  try {
    const answer = await fetch(fillIn(links.shares, item), {
      method: 'POST',
      credentials: 'omit',
      body: JSON.stringify({ network }), // a string goes as text/plain: no preflight
      signal: AbortSignal.timeout(MINT_MS),
    });
    return webAddress((await answer.json()).url) || item.shareUrl;
  } catch {
    return item.shareUrl;
  }
}

/** An address of the feed with its places filled in; '' where it is no web address. */
export const fillIn = (template, { token }, network) => webAddress(template &&
  template.replace('{token}', encodeURIComponent(token)).replace('{network}', encodeURIComponent(network)));
