// One testimonial: its poster with the play button in the corner, the words, the person, and the way to share it.
import { button, el, icon, webAddress } from './dom.js';
import { PLAY, SHARE, stars, VERIFIED } from './icons.js';
import { play, playable } from './player.js';
import { share, sharing } from './share.js';
import { clock, isolate } from './strings.js';

const TALLEST = 3 / 4; // width over height: a 9:16 phone video would fill a column alone
const WIDEST = 16 / 9;

/** The feed's testimonial, with every address checked and every optional part in a known shape. */
export function readItem(raw, base) {
  const author = raw.author || {};
  const checked = (list) => (list || []).map((each) => ({ ...each, src: webAddress(each && each.src, base) })).filter(({ src }) => src);
  const [poster] = checked([raw.poster]);
  const sources = poster ? playable(checked(raw.sources)) : [];
  return {
    token: raw.token,
    name: author.name || '',
    role: [author.title, author.company].filter(Boolean).join(', '),
    verified: author.verified,
    rating: raw.rating,
    quote: raw.quote || '',
    disclosure: raw.disclosure,
    file: checked([raw.file])[0], // the upright one, to hand on
    seconds: raw.duration_seconds,
    shareUrl: webAddress(raw.share_url, base),
    social: raw.social !== false, // the customer said where it may go
    poster,
    // 0: nothing to play and nothing to look at, so the words stand alone
    ratio: poster && (sources.length || raw.kind === 'photo') && shape(poster),
    sources,
    captions: checked(raw.captions),
  };
}

/** The card of an item. `width` is the poster's width in pixels; `view` gives what its parts need: networks, links, announce and report. */
export function card(item, width, view) {
  const node = el('article', {
    class: item.ratio ? 'card' : 'card text',
    tabindex: -1,
    'aria-label': item.name,
  }, item.ratio && poster(item, width, view), words(item, view));
  node.item = item;
  return node;
}

function poster(item, width, view) {
  const { src, srcset, width: wide, height } = item.poster;
  const plays = item.sources.length;
  const length = plays && item.seconds ? clock(item.seconds) : '';
  const label = `Play ${isolate(item.name)}` + (length && `, ${length}`);
  const frame = el('div', { class: 'poster', click: (event) => {
    // The whole picture is a target for the pointer; the button is the one for everybody else.
    if (plays && event.target.closest('.play, img')) play(frame, item, view);
  } },
    // `loading` comes before `src`, or the browser fetches at once.
    el('img', { loading: 'lazy', decoding: 'async', alt: plays ? '' : item.name, width: wide, height, sizes: `${Math.round(width)}px`, srcset, src }),
    plays && button('play', label, null, icon(PLAY)),
    length && el('span', { class: 'duration', 'aria-hidden': 'true' }, length));
  frame.style.setProperty('--ratio', item.ratio);
  return frame;
}

function words(item, view) {
  return el('div', { class: 'words' },
    item.rating > 0 && rating(item.rating),
    item.quote && el('blockquote', { class: 'quote', dir: 'auto' }, item.quote),
    el('footer', null,
      el('div', { class: 'who' },
        el('p', null,
          el('b', { class: 'name', dir: 'auto' }, item.name),
          item.verified && icon(VERIFIED, 'Verified customer')),
        item.role && el('p', { class: 'minor role', dir: 'auto' }, item.role)),
      item.shareUrl && view.networks.length > 0 && shareButton(item, view)),
    item.disclosure && el('p', { class: 'minor disclosure', dir: 'auto' }, item.disclosure));
}

function rating(value) {
  return el('p', { class: 'stars', role: 'img', 'aria-label': `${value} out of 5 stars` },
    icon(stars(5)), icon(stars(value)));
}

function shareButton(item, view) {
  const opener = el('button', {
    type: 'button',
    class: 'round share',
    'aria-label': sharing(item),
    'aria-haspopup': 'dialog',
    'aria-expanded': 'false',
    click: () => share(opener, item, view),
  }, icon(SHARE));
  return opener;
}

function shape({ width, height }) {
  return Math.max(TALLEST, Math.min(WIDEST, width / height || WIDEST));
}
