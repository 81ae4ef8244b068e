// What is inside the shadow root: the layout, what fits into the reserved height, and the parts that live in it.
import { beaconFor } from './beacon.js';
import { card, readItem } from './card.js';
import { button, el, webAddress } from './dom.js';
import { LAYOUTS } from './layouts.js';
import { stop } from './player.js';
import { offered } from './share.js';
import { wordsFor } from './strings.js';
import { impressions } from './watching.js';

export class View {
  constructor(host, feed, address) {
    this.host = host;
    this.t = wordsFor(host);
    this.items = feed.items.filter((raw) => raw && raw.token).map((raw) => readItem(raw, address));
    const wanted = host.getAttribute('layout') || feed.layout;
    this.layout = LAYOUTS[wanted] ? wanted : 'wall';
    this.links = feed.links || {};
    this.widget = new URL(address).pathname.split('/').pop();
    this.beacon = beaconFor(webAddress(this.links.events, address));
    this.networks = offered(feed);
    this.build(feed.theme || {});
  }

  build(theme) {
    this.content = el('div', { class: 'content' });
    this.more = button('button more', null, () => this.expand(true), this.t('more'));
    this.end = el('div', { class: 'end', hidden: true }, this.more);
    this.status = el('div', { class: 'status', role: 'status' });
    this.root = el('div', { class: `root ${this.layout}` },
      el('div', { class: 'frame', scroll: (event) => this.reveal(event.target) }, this.content), this.end, this.status);
    // The look chosen in the console; a custom property of the page wins over it (see styles).
    for (const name of Object.keys(theme)) {
      if (/^[a-z-]+$/.test(name)) this.root.style.setProperty(`--theme-${name}`, String(theme[name]));
    }
  }

  /** Also after a move in the document: observers begin anew, the cards stay. */
  start() {
    const reporting = (item) => this.report('impression', item);
    this.watch = impressions(this.widget, reporting);
    if (!this.arrange) this.arrange = LAYOUTS[this.layout](this);
    else for (const node of this.content.querySelectorAll('.card')) this.watch.observe(node);
    this.fit();
    // A frame later, or the page would hear of a "ResizeObserver loop" whenever our height follows our width.
    this.sizes = new ResizeObserver(() => requestAnimationFrame(() => this.watch && this.fit()));
    this.sizes.observe(this.host);
    this.sizes.observe(this.content);
  }

  stop() {
    this.sizes.disconnect();
    this.watch.disconnect();
    this.watch = null;
    stop(this.root);
    this.beacon.flush();
  }

  /** Lays out for the width of now, and cuts at the reserved height, so that the page below never moves. */
  fit() {
    const reserve = this.open ? 0 : this.host.reserve;
    this.root.style.setProperty('--reserve', `${this.host.reserve}px`);
    this.arrange(reserve);
    const cut = reserve > 0 && (this.waiting || this.content.offsetHeight > reserve + 1);
    this.root.classList.toggle('cut', cut);
    this.end.hidden = !cut;
  }

  expand(byButton) {
    const edge = this.end.getBoundingClientRect().top;
    const first = [...this.content.querySelectorAll('.card')].find((node) => node.getBoundingClientRect().bottom > edge);
    this.open = true;
    this.fit();
    // The button is gone; go on from the first card it revealed.
    if (byButton && first) first.focus({ preventScroll: true });
  }

  /** The browser scrolled to something under the fade, for the keyboard or find-in-page: show all, keep the place. */
  reveal(frame) {
    const top = frame.scrollTop;
    if (!top || this.end.hidden) return;
    this.expand();
    scrollBy({ top, behavior: 'instant' });
  }

  card(item, width) {
    const node = card(item, width, this);
    this.watch.observe(node);
    return node;
  }

  /** Words for a screen reader. */
  announce(text) {
    this.status.textContent = text;
  }

  report(type, item, more) {
    this.beacon.add({ type, testimonial: item.token, widget: this.widget, ...more });
    if (type === 'play' || type === 'share') this.host.announce(type, { testimonial: item.token, ...more });
  }

  fail(item) {
    this.host.announce('error', { reason: 'a video did not load', testimonial: item.token });
  }
}
