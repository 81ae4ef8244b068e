// A small notice in the corner, once per page view and after a while, with one testimonial; it opens all of them. It takes
// no room, no focus, and goes for good when it is sent away.
import { CLOSE } from '../icons.js';
import { dockOf, keepOpen, panelOf } from './_panel.js';
import CSS from './layout-popup.css';

const AFTER_MS = 4000;
const sentAway = new Set(); // by testimonial; in memory only, so a new page begins anew

export default (core) => (view) => {
  const { button, dress, el, icon } = core;
  dress(view.root.getRootNode(), CSS);
  const [item] = view.items;
  const { name, poster, quote, ratio, token: key } = item;
  const picture = ratio ? el('img', { alt: '', sizes: '56px', srcset: poster.srcset, src: poster.src }) : name.slice(0, 1);
  const open = button('open', null, null,
    el('i', { 'aria-hidden': 'true' }, picture),
    el('span', null, quote && el('q', { dir: 'auto' }, quote), el('b', { class: 'minor', dir: 'auto' }, name)));
  const panel = panelOf(core, view, open, { title: 'What customers say', kind: 'start' });
  const close = button('round', 'Close', () => {
    sentAway.add(key);
    dock.remove();
  }, icon(CLOSE));
  const dock = dockOf(core, 'popup-at', el('div', { class: 'notice', role: 'complementary', 'aria-label': 'A customer story' }, open, close), panel);
  let due = false;
  const show = () => {
    if (!due || sentAway.has(key)) return;
    if (!dock.parentNode) view.content.append(dock);
    keepOpen(dock);
  };
  setTimeout(() => {
    due = true;
    show();
  }, AFTER_MS);
  return show;
};
