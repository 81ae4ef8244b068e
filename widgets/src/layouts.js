// Each layout fills view.content once and returns arrange(reserve), which is called again whenever a size changed.
import { button, el, icon } from './dom.js';
import { BACK } from './icons.js';
import { keepGoing } from './player.js';

const NARROWEST = 320; // pixels of a column, unless the page sets --testimonial-column
const MOST_COLUMNS = 4;
const SPARE = 1.5; // times the reserved height are dealt at once; estimates of text are never off by that much

export const LAYOUTS = {
  __proto__: null, // the name comes from the feed
  wall,
  carousel,
  single: (view) => stack(view, view.items.slice(0, 1), Math.min(widthOf(view), 560)),
  list: (view) => stack(view, view.items, Math.min(widthOf(view), 360)),
};

const widthOf = (view) => view.content.clientWidth || NARROWEST;

function stack(view, items, width) {
  view.content.append(...items.map((item) => view.card(item, width)));
  return () => {};
}

/** Masonry. Cards go, in order, to the column that is shortest by the known ratios of the posters: nothing is
 *  measured, so nothing has to load first. What is far below the reserved height waits for "Show more". */
function wall(view) {
  const cards = [];
  let columns = [];
  let heights = [];
  let next = 0;
  return (reserve) => {
    const { narrowest, gap, size } = spacing(view);
    const width = widthOf(view);
    const count = Math.max(1, Math.min(MOST_COLUMNS, Math.floor((width + gap) / (narrowest + gap))));
    const column = (width - gap * (count - 1)) / count;
    const deal = () => {
      for (; next < view.items.length; next++) {
        const shortest = heights.indexOf(Math.min(...heights));
        if (reserve && heights[shortest] > reserve * SPARE) break;
        cards[next] = cards[next] || view.card(view.items[next], column);
        columns[shortest].append(cards[next]);
        heights[shortest] += estimate(view.items[next], column, size) + gap;
      }
    };
    if (count === columns.length) deal();
    else {
      columns = Array.from({ length: count }, () => el('div', { class: 'column' }));
      heights = columns.map(() => 0);
      next = 0;
      keepGoing(view.root.getRootNode(), () => {
        deal();
        view.content.replaceChildren(...columns);
      });
    }
    view.waiting = next < view.items.length;
  };
}

function spacing(view) {
  const style = getComputedStyle(view.content);
  const number = (name, otherwise) => parseFloat(style.getPropertyValue(name)) || otherwise;
  return { narrowest: number('--testimonial-column', NARROWEST), gap: number('column-gap', 0), size: number('font-size', 16) };
}

function estimate(item, width, size) {
  if (!item.ratio) size *= 1.25; // words alone are set larger
  const lines = Math.ceil((item.quote.length * size * 0.5) / Math.max(1, width - size * 2));
  return (item.ratio ? width / item.ratio : size) + lines * size * 1.5 + size * 5;
}

function carousel(view) {
  let place = 0;
  const [back, next] = ['previous', 'next'].map((key, index) =>
    button(`round line ${key}`, view.t(key), () => turn(place + (index ? 1 : -1)), icon(BACK)));
  const counter = el('span', { class: 'minor', 'aria-hidden': 'true' });
  const cards = view.items.map((item) => view.card(item, Math.min(widthOf(view), 520)));
  const rail = el('div', { class: 'rail', tabindex: 0, role: 'group', 'aria-label': view.t('carousel') }, ...cards);
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
}
