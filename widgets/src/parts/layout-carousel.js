// One at a time, with the edge of the next in sight. It never turns by itself.
import { BACK } from '../icons.js';
import ROW from './_row.css';
import CSS from './layout-carousel.css';

export default ({ button, dress, el, icon }) => (view) => {
  dress(view.root.getRootNode(), CSS);
  dress(view.root.getRootNode(), ROW);
  let place = 0;
  const [back, next] = ['Previous', 'Next'].map((label, index) =>
    button(`round line ${label.toLowerCase()}`, label, () => turn(place + (index ? 1 : -1)), icon(BACK)));
  const counter = el('span', { class: 'minor', 'aria-hidden': 'true' });
  const cards = view.items.map((item) => view.card(item, Math.min(view.width(), 520)));
  const rail = el('div', { class: 'rail beside', tabindex: 0, role: 'group', 'aria-label': 'Testimonials' }, ...cards);
  const turns = el('div', { class: 'turns' }, back, counter, next);
  view.content.append(rail, turns);

  // Differences of offsets are negative in right-to-left text, and so is scrollLeft there: one formula for both.
  const offset = (index) => cards[index].offsetLeft - cards[0].offsetLeft;
  const turn = (index) => cards[index] && rail.scrollTo({ left: offset(index) });
  const update = () => {
    const gone = Math.abs(rail.scrollLeft);
    const left = rail.scrollWidth - rail.clientWidth - gone;
    place = cards.length > 1 ? Math.round(gone / Math.abs(offset(1))) : 0;
    turns.hidden = gone < 2 && left < 2;
    // Not `disabled`: that would throw the focus away at the last card.
    back.setAttribute('aria-disabled', gone < 2);
    next.setAttribute('aria-disabled', left < 2);
    counter.textContent = `${left < 2 ? cards.length : place + 1} / ${cards.length}`;
  };
  rail.addEventListener('scroll', update, { passive: true });
  return update;
};
