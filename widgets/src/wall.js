// The wall, which every other layout falls back to. A layout fills view.content once and returns arrange(reserve), which is
// called again whenever a size changed.
import { el } from './dom.js';
import { keepGoing } from './player.js';

const NARROWEST = 320; // pixels of a column, unless the page sets --testimonial-column
const MOST_COLUMNS = 4;
const SPARE = 1.2; // times the reserved height are dealt at once: what fades out below it, and what an estimate of text may be off

/** Masonry. Cards go, in order, to the column that is shortest by the known ratios of the posters: nothing is
 *  measured, so nothing has to load first. What is far below the reserved height waits for "Show more". */
export function wall(view) {
  const cards = [];
  let columns = [];
  let heights = [];
  let next = 0;
  return (reserve) => {
    const style = getComputedStyle(view.content);
    const number = (name, otherwise) => parseFloat(style.getPropertyValue(name)) || otherwise;
    const narrowest = number('--testimonial-column', NARROWEST);
    const gap = number('column-gap', 0);
    const size = number('font-size', 16);
    const width = view.width();
    const count = Math.max(1, Math.min(MOST_COLUMNS, Math.floor((width + gap) / (narrowest + gap))));
    const column = (width - gap * (count - 1)) / count;
    const deal = () => {
      for (; next < view.size; next++) {
        const shortest = heights.indexOf(Math.min(...heights));
        if (reserve && heights[shortest] > reserve * SPARE) break;
        const item = view.item(next);
        columns[shortest].append(cards[next] ||= view.card(item, column));
        heights[shortest] += estimate(item, column, size) + gap;
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
    view.waiting = next < view.size;
  };
}

function estimate(item, width, size) {
  if (!item.ratio) size *= 1.25; // words alone are set larger
  const lines = Math.ceil((item.quote.length * size * 0.5) / Math.max(1, width - size * 2));
  return (item.ratio ? width / item.ratio : size) + lines * size * 1.5 + size * 5;
}
