// The business's own link, at the end of the wall, or of the window that a small layout opens.
import CSS from './_call.css';

const ROOM = '4.25em';
const newest = new WeakMap(); // element → its feed of now

/** The link of a feed, null where it has none. Out of our own iframe too: the whole window goes there. */
export function linkOf({ el, webAddress }, { call }) {
  const href = call && call.label && webAddress(call.url);
  return href ? el('a', { class: 'button call', href, target: '_top' }, call.label) : null;
}

/** The feed with room for its link, which is drawn when `host` shows it. Panels draw it themselves. */
export function invite(core, feed, host) {
  newest.set(host, feed);
  const link = linkOf(core, feed);
  if (!link) return feed;
  core.dress(host.shadowRoot, CSS);
  host.addEventListener('testimonial-widget:ready', () => {
    if (newest.get(host) !== feed) return; // the element shows another widget by now
    const root = host.shadowRoot.querySelector('.root');
    const viewer = root.querySelector('.viewer');
    if (viewer) viewer.append(core.el('div', { class: 'end' }, link));
    else if (!root.matches('.badge, .bubble, .popup')) root.querySelector('.frame').after(core.el('div', { class: 'end' }, root.querySelector('.more'), link));
  }, { once: true });
  return { ...feed, theme: { ...feed.theme, end: ROOM } };
}
