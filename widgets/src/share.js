// The share popover: a small dialog in the top layer that does not lock the page. The browser itself opens and closes
// it (second click, Escape, a click outside), and CSS keeps it at its button. Links are links:
// the server mints a short link for each act and sends the visitor on to the network.
import { button, el, icon, webAddress } from './dom.js';
import { CLOSE, networkIcon } from './icons.js';
import { isolate } from './strings.js';

const MINT_MS = 4000;

/** The networks of the feed that this browser can offer. */
export const offered = ({ links, share: networks }) =>
  links && networks ? networks.filter((name) => name !== 'native' || navigator.share) : [];

/** To be called by a click on `opener`. `view` has t, networks, links, announce(text) and report(type, item, more). */
export function share(opener, item, view) {
  opener.focus(); // Safari gives a clicked button no focus, so there would be none to give back
  const known = opener.nextSibling;
  const box = known || dialog(item, view, opener);
  if (!known) {
    opener.after(box);
    box.hidden = !box.showPopover;
    box.addEventListener('beforetoggle', ({ newState }) => {
      opener.setAttribute('aria-expanded', newState === 'open');
      if (box.matches(':focus-within')) opener.focus(); // on closing; not every browser gives it back itself
    });
    opener.popoverTargetElement = box; // still seen by the click that runs now
  }
  if (!box.showPopover) box.hidden = !box.hidden; // browsers of before 2024: the button alone opens and closes
}

function dialog(item, view, opener) {
  const title = view.t('share', { name: isolate(item.name) });
  const targets = view.networks.filter((name) => name !== 'copy' && item.social).map((name) => target(name, item, view)).filter(Boolean);
  const rows = [
    targets.length && el('div', { class: 'targets' }, ...targets),
    view.networks.includes('copy') && copyRow(item, view),
  ];
  return el('div', { class: 'popover', role: 'dialog', 'aria-label': title, popover: '', tabindex: -1, autofocus: true },
    el('header', null, el('b', null, title), button('round', view.t('close'), () => opener.click(), icon(CLOSE))),
    ...rows);
}

function target(name, item, view) {
  const inside = [icon(networkIcon(name)), el('span', null, view.t(name))];
  const report = () => view.report('share', item, { network: name });
  if (name === 'native') {
    return button('native', null, () => {
      const address = new URL(item.shareUrl);
      address.searchParams.set('via', name);
      // Minting first would use up the click that share() needs. A rejection is the visitor changing their mind.
      navigator.share({ title: item.name, text: item.quote, url: address.href }).then(report, () => {});
    }, ...inside);
  }
  const href = webAddress(fillIn(view.links.share, item, name));
  return href && el('a', { href, target: '_blank', rel: 'noopener', click: report }, ...inside);
}

function copyRow(item, view) {
  const label = el('b', null, view.t('copy'));
  const field = el('input', { readonly: true, hidden: true, value: item.shareUrl, 'aria-label': view.t('manual') });
  let minted;
  const copy = async () => {
    minted = minted || mint(item, view);
    let done = await toClipboard(minted);
    if (!done) {
      field.value = await minted;
      field.hidden = false;
      field.select();
      done = document.execCommand('copy'); // plain http has no clipboard object, but still this
      field.hidden = done;
    }
    const text = view.t(done ? 'copied' : 'manual');
    view.announce(text);
    if (!done) return;
    label.textContent = text;
    view.report('share', item, { network: 'copy' });
  };
  return el('div', null,
    button('copy', null, copy, el('span', null, item.shareUrl.replace(/^https?:\/\//, '')), label), field);
}

/** The short link of this act, or the plain address where the server cannot be reached. Never rejects. */
async function mint(item, { links }) {
  try {
    const answer = await fetch(fillIn(links.shares, item), {
      method: 'POST',
      credentials: 'omit',
      body: '{"network":"copy"}', // a string goes as text/plain: no preflight
      signal: AbortSignal.timeout(MINT_MS),
    });
    return webAddress((await answer.json()).url) || item.shareUrl;
  } catch {
    return item.shareUrl;
  }
}

/** Takes a promise, because Safari only lets a click write to the clipboard if the write begins at once. */
async function toClipboard(address) {
  const { clipboard } = navigator;
  try {
    const text = address.then((url) => new Blob([url], { type: 'text/plain' }));
    await clipboard.write([new ClipboardItem({ 'text/plain': text })]);
    return true;
  } catch {
    return !!clipboard && clipboard.writeText(await address).then(() => true, () => false);
  }
}

const fillIn = (template, { token }, network) =>
  template.replace('{token}', () => encodeURIComponent(token)).replace('{network}', () => encodeURIComponent(network));
