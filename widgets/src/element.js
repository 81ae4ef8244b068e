// <testimonial-widget src="…/widget/TOKEN">: fetches the feed, keeps its room on the host page, hands over to View.
//
// Attributes: src, layout (instead of the feed's), height="auto" (grow with the content).
// It sets `empty` on itself when there is nothing to show.
// Slot: the default slot shows until the feed is there, and for good if it cannot be had.
// Events (bubbling, composed): testimonial-widget:ready | empty | play | share | error.
import { el, webAddress } from './dom.js';
import { dress } from './styles.js';
import { View } from './view.js';

const RETRY_MS = 5000;
const DEFAULT_RESERVE = '640px';

export class TestimonialWidget extends HTMLElement {
  static get observedAttributes() {
    return ['src', 'layout'];
  }

  constructor() {
    super();
    const root = this.shadowRoot || this.attachShadow({ mode: 'open' });
    this._inside = el('div', null, el('slot'));
    root.replaceChildren(this._inside);
    dress(root);
  }

  connectedCallback() {
    this._begun = true;
    if (this._view) this._view.start();
    else this._load();
  }

  disconnectedCallback() {
    // Moved, it starts again where it was; removed, nothing of it goes on.
    if (this._view) this._view.stop();
    clearTimeout(this._retry);
    this._current = '';
  }

  attributeChangedCallback(name, before, after) {
    if (before === after || !this.isConnected || !this._begun) return; // the parser sets them before we begin
    this._clear();
    this._load();
  }

  /** The height in pixels that the page keeps for this element: 0 where it may grow freely. */
  get reserve() {
    const { minBlockSize } = getComputedStyle(this);
    return this.getAttribute('height') !== 'auto' && minBlockSize.endsWith('px') ? parseFloat(minBlockSize) : 0;
  }

  async _load(again) {
    if (!this.hasAttribute('src')) return;
    const address = webAddress(this.getAttribute('src'), document.baseURI);
    if (this._current === address && !again) return;
    this._current = address;
    this._hold();
    try {
      const feed = await read(address);
      if (this._current === address) this._show(feed, address);
    } catch (problem) {
      if (this._current !== address) return;
      if (again) this._fail(problem.message, address);
      else this._retry = setTimeout(() => this._load(true), RETRY_MS);
    }
  }

  _show(feed, address) {
    const view = new View(this, feed, address);
    if (!view.items.length) {
      this._clear();
      this._inside.replaceChildren();
      this.toggleAttribute('empty', true);
      return this.announce('empty', { items: 0 });
    }
    // Below the window nothing visible can be pushed, so the room of our own making is not needed.
    const [box] = this.getClientRects();
    if (this._held && (!box || box.top >= innerHeight)) this._release();
    this._view = view;
    this._inside.replaceChildren(view.root);
    view.start();
    this.announce('ready', { items: view.items.length, layout: view.layout });
  }

  _fail(reason, address) {
    this._release();
    console.warn(`testimonial-widget: ${address || 'its src'} could not be read (${reason}), so the content of the tag is shown.`);
    this.announce('error', { reason });
  }

  _clear() {
    if (this._view) this._view.stop();
    this._view = null;
    this._current = '';
    clearTimeout(this._retry);
    this._release();
    this.toggleAttribute('empty', false);
    this._inside.replaceChildren(el('slot'));
  }

  /** Without a height from the page, keep some from now on: one jump at most, and none where we come before paint. */
  _hold() {
    if (this._held || this.reserve || this.getAttribute('height') === 'auto') return;
    this._held = true;
    this.style.minBlockSize = DEFAULT_RESERVE;
  }

  _release() {
    if (this._held) this.style.minBlockSize = '';
    this._held = false;
  }

  announce(type, detail) {
    this.dispatchEvent(new CustomEvent(`testimonial-widget:${type}`, { bubbles: true, composed: true, detail }));
  }
}

async function read(address) {
  const feed = new URL(address);
  feed.pathname += '.json';
  const answer = await fetch(feed, { credentials: 'omit' });
  if (!answer.ok) throw Error(`the server answered ${answer.status}`);
  return answer.json();
}
