// One line: the average of all ratings, and honestly of how many. It opens the testimonials themselves.
import { counted, panelOf, ratingOf } from './_panel.js';
import CSS from './layout-badge.css';

const STARS = '★★★★★';

export default (core) => (view) => {
  const { button, dress, el } = core;
  dress(view.root.getRootNode(), CSS);
  const [average, rated, count] = ratingOf(view);
  const said = rated
    ? [el('b', null, average.toFixed(1)), starsOf(el, average), el('span', { class: 'minor' }, `from ${counted(rated, 'rating', 'ratings')}`)]
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

function starsOf(el, average) {
  const stars = el('span', { class: 'stars', role: 'img', 'aria-label': `${average.toFixed(1)} out of 5 stars` },
    el('span', null, STARS), el('i', null, STARS));
  stars.style.setProperty('--share', `${average * 20}%`);
  return stars;
}
