// One line: the average of all ratings, and honestly of how many. It opens the testimonials themselves.
import { counted, panelOf, ratingOf } from './_panel.js';
import { stars } from '../icons.js';
import CSS from './layout-badge.css';

export default (core) => (view) => {
  const { button, dress, el, icon } = core;
  dress(view.root.getRootNode(), CSS);
  const [average, rated, count] = ratingOf(view);
  const said = rated
    ? [el('b', null, average.toFixed(1)), starsOf(el, icon, average), el('span', { class: 'minor' }, `from ${counted(rated, 'rating', 'ratings')}`)]
    : [el('b', null, counted(count, 'customer story', 'customer stories'))];
  const line = button('rating', null, null, ...said);
  const silent = count - rated;
  let note = '';
  if (rated) note = `The average of ${counted(rated, 'rating', 'ratings')}, all there are.`;
  if (rated && silent) note += ` ${silent === 1 ? 'One more story has' : `${silent} more stories have`} none.`;
  const panel = panelOf(core, view, line, { title: 'What customers say', note, kind: 'under' });
  view.content.append(el('div', null, line, panel));
  return () => {};
};

function starsOf(el, icon, average) {
  const line = el('span', { class: 'stars', role: 'img', 'aria-label': `${average.toFixed(1)} out of 5 stars` },
    icon(stars(5)), el('i', null, icon(stars(5))));
  line.style.setProperty('--share', `${average * 20}%`);
  return line;
}
