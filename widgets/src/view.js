// What is inside the shadow root: the layout, what fits into the reserved height, and the parts that live in it.
import { beaconFor } from './beacon.js';
import { card, readItem } from './card.js';
import { button, el, webAddress } from './dom.js';
import { load } from './parts.js';
import { stop } from './player.js';
import { offered } from './share.js';
import { wall } from './wall.js';
import { impressions } from './watching.js';

/** The layout of that name as [name, fill]; the wall where there is none of that name or it cannot be had. */
export async function layoutFor(name) {
  const fill = name !== 'wall' && /^[a-z]+$/.test(name) && (await load(`layout-${name}`));
  return fill ? [name, fill] : ['wall', wall];
}

/** All of one feed on the page. `fill` is a layout: it fills view.content once and returns arrange(reserve), to be called again
 *  whenever a size changed; it may set view.waiting while there is more to show. */
export function viewOf(host, feed, address, layout, fill) {
  const { theme, links = {} } = feed;
  const widget = new URL(address).pathname.split('/').pop();
  const beacon = beaconFor(webAddress(links.events, address));
  const content = el('div', { class: 'content' });
  const end = button('button more', null, () => expand(true), 'Show more');
  const status = el('div', { class: 'status', role: 'status' });
  const root = el('div', { class: `root ${layout}` },
    el('div', { class: 'frame', scroll: (event) => reveal(event.target) }, content), end, status);
  let watch;
  let sizes;
  let arrange;
  let open;
  const raws = feed.items.filter((raw) => raw && raw.token);
  const read = [];

  // The look chosen in the console; a custom property of the page wins over it (see core.css).
  for (const name in theme) root.style.setProperty(`--theme-${name}`, theme[name]);

  /** Lays out for the width of now, and cuts at the reserved height, so that the page below never moves. */
  const fit = () => {
    const room = host._reserve;
    const reserve = open ? 0 : room;
    root.style.setProperty('--reserve', `${room}px`);
    arrange(reserve);
    const cut = reserve > 0 && (view.waiting || content.offsetHeight > reserve + 1);
    root.classList.toggle('cut', cut);
    end.hidden = !cut;
  };

  const expand = (byButton) => {
    const edge = end.getBoundingClientRect().top;
    const first = [...content.querySelectorAll('.card')].find((node) => node.getBoundingClientRect().bottom > edge);
    open = true;
    fit();
    // The button is gone; go on from the first card it revealed.
    if (byButton) first?.focus({ preventScroll: true });
  };

  /** The browser scrolled to something under the fade, for the keyboard or find-in-page: show all, keep the place. */
  const reveal = ({ scrollTop: top }) => {
    if (!top || end.hidden) return;
    expand();
    scrollBy({ top, behavior: 'instant' });
  };

  const view = {
    content,
    layout,
    links,
    root,
    size: raws.length,
    /** Read when it is needed: most of a wall waits for "Show more". */
    item: (index) => read[index] ||= readItem(raws[index], address),
    get items() {
      return raws.map((_, index) => view.item(index));
    },
    networks: offered(feed),
    feed,
    /** The width to lay out for, in pixels. */
    width: () => content.clientWidth || 320,

    /** Also after a move in the document: observers begin anew, the cards stay. */
    start() {
      watch = impressions(widget, (item) => view.report('impression', item));
      if (!arrange) arrange = fill(view);
      else content.querySelectorAll('.card').forEach(view.observe);
      fit();
      // A frame later, or the page would hear of a "ResizeObserver loop" whenever our height follows our width.
      sizes = new ResizeObserver(() => requestAnimationFrame(() => watch && fit()));
      sizes.observe(host);
      sizes.observe(content);
    },
    stop() {
      sizes.disconnect();
      watch.disconnect();
      watch = null;
      stop(root);
      beacon.flush();
    },
    card(item, width) {
      const node = card(item, width, view);
      view.observe(node);
      return node;
    },
    /** Counts an impression of node.item when it is seen. */
    observe: (node) => watch.observe(node),
    /** Words for a screen reader. */
    announce: (text) => { status.textContent = text; },
    report(type, item, more) {
      beacon.add({ type, testimonial: item.token, widget, ...more });
      if (/play|share/.test(type)) host._announce(type, { testimonial: item.token, ...more });
    },
    fail: (item) => host._announce('error', { reason: 'a video did not load', testimonial: item.token }),
  };
  return view;
}
