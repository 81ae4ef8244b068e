// A floating button with faces; it opens all testimonials. It takes no room on the page.
import { dockOf, keepOpen, panelOf, counted } from './_panel.js';
import CSS from './layout-bubble.css';

export default (core) => (view) => {
  const { button, dress, el } = core;
  dress(view.root.getRootNode(), CSS);
  const faces = view.items.slice(0, 3).map(({ ratio, poster, name }) => el('i', null,
    ratio ? el('img', { alt: '', sizes: '44px', srcset: poster.srcset, src: poster.src }) : name.slice(0, 1)));
  const label = counted(view.size, 'customer story', 'customer stories');
  const launcher = button('launcher', null, null, el('span', { 'aria-hidden': 'true' }, ...faces), label);
  const panel = panelOf(core, view, launcher, { title: 'What customers say', kind: 'corner' });
  const dock = dockOf(core, 'bubble-at', launcher, panel);
  view.content.append(dock);
  return () => keepOpen(dock);
};
