// What bubble, badge and popup open: all testimonials in a panel of the top layer that does not lock the page.
import { CLOSE } from '../icons.js';
import { linkOf } from './_call.js';
import CSS from './_panel.css';

/** Makes `opener` open and close a panel. The cards are made when they are first wanted. Returns the panel. */
export function panelOf(core, view, opener, { title, note = '', kind = '' }) {
  const { button, dress, el, icon } = core;
  dress(view.root.getRootNode(), CSS);
  const cards = el('div', { class: 'cards' });
  const link = linkOf(core, view.feed);
  const panel = el('div', { class: `popover panel ${kind}`, role: 'dialog', 'aria-label': title, popover: '', tabindex: -1 },
    el('header', null, el('b', null, title), button('round', 'Close', () => opener.click(), icon(CLOSE))),
    note && el('p', { class: 'minor' }, note), cards, link && el('div', { class: 'end' }, link));
  const fill = (open) => {
    opener.setAttribute('aria-expanded', open);
    if (open && !cards.firstChild) cards.append(...view.items.map((item) => view.card(item, 340)));
  };
  opener.setAttribute('aria-haspopup', 'dialog');
  fill(false);
  if (panel.showPopover) {
    opener.popoverTargetElement = panel;
    panel.addEventListener('beforetoggle', ({ newState }) => {
      fill(newState === 'open');
      if (newState !== 'open' && panel.matches(':focus-within')) opener.focus();
    });
    panel.addEventListener('toggle', ({ newState }) => newState === 'open' && panel.focus());
  } else {
    panel.hidden = true;
    opener.addEventListener('click', () => fill(!(panel.hidden = !panel.hidden)));
  }
  return panel;
}

/** Keeps something in a corner of the window, above whatever the page does with its layers. */
export function dockOf({ el }, kind, ...children) {
  return el('div', { class: `dock ${kind}`, popover: 'manual' }, ...children);
}

/** To be called whenever the element may have been moved, which closes what is in the top layer. */
export function keepOpen(dock) {
  if (dock.showPopover && dock.isConnected && !dock.matches(':popover-open')) dock.showPopover();
}

/** [average, how many ratings it is of, how many testimonials there are], as the server counted them, else of what is here. */
export function ratingOf({ feed: { summary }, items }) {
  if (summary) return [summary.average, summary.rated, summary.count];
  const rated = items.map(({ rating }) => rating).filter((rating) => rating > 0);
  return [rated.reduce((sum, rating) => sum + rating, 0) / rated.length, rated.length, items.length];
}

/** 'one rating', '12 ratings' */
export const counted = (number, one, many) => `${number === 1 ? 'one' : number} ${number === 1 ? one : many}`;
