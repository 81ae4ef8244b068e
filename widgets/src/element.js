// <testimonial-widget src="…/widget/TOKEN">: fetches the feed, keeps its room on the host page, hands over to the view.
// Its attributes, events, parts and custom properties are listed in ../custom-elements.json and told in docs/widget.md.
import CSS from './core.css';
import { dress, el, webAddress } from './dom.js';
import { readFeed } from './feed.js';
import { layoutFor, viewOf } from './view.js';

const RETRY_MS = 5000;
const DEFAULT_RESERVE = '640px';
const NEAR = 400; // pixels below the window at which we begin to draw

export class TestimonialWidget extends HTMLElement {
  static get observedAttributes() {
    return ['src', 'feed', 'layout'];
  }

  constructor() {
    super();
    try {
      this._root = this.shadowRoot || this.attachShadow({ mode: 'open' });
      // What the server has drawn stays on screen until the feed is there.
      this._served = this._root.firstChild;
      if (!this._served) this._put(el('slot'));
    } catch {
      this._root = null; // the page forbids shadows: what stands between the tags stays
    }
  }

  get src() {
    return this.getAttribute('src');
  }

  set src(value) {
    if (value == null) this.removeAttribute('src');
    else this.setAttribute('src', value);
  }

  connectedCallback() {
    if (!this._root) return;
    this._begun = true;
    if (this._view) this._view.start();
    else this._load();
  }

  disconnectedCallback() {
    // Moved, it starts again where it was; removed, nothing of it goes on.
    this._view?.stop();
    clearTimeout(this._retry);
    this._current = this._turn = '';
  }

  attributeChangedCallback(name, before, after) {
    if (before === after || !this.isConnected || !this._begun) return; // the parser sets them before we begin
    this._clear();
    this._load();
  }

  /** The height in pixels that the page keeps for this element: 0 where it may grow freely. */
  get _reserve() {
    const { minBlockSize } = getComputedStyle(this);
    return this._grows || !minBlockSize.endsWith('px') ? 0 : parseFloat(minBlockSize);
  }

  get _grows() {
    return this.getAttribute('height') === 'auto';
  }

  async _load(again) {
    if (!this.src) return;
    const address = webAddress(this.src, document.baseURI);
    if (this._current === address && !again) return;
    this._current = address;
    const turn = (this._turn = {});
    this._hold();
    try {
      const feed = await readFeed(address, this.getAttribute('feed'), this);
      const [layout, fill] = await layoutFor(feed.arm || this.getAttribute('layout') || feed.layout);
      if (!/bubble|popup/.test(layout)) await this._near();
      if (this._turn === turn) this._show(viewOf(this, feed, address, layout, fill));
    } catch (problem) {
      if (this._turn !== turn) return;
      if (this._view) this._put(el('slot')); // it could not begin: the page took away what it needs
      this._view = null;
      if (again) this._fail(problem.message);
      else this._retry = setTimeout(() => this._load(true), RETRY_MS);
    }
  }

  /** Far below the window there is nothing to draw yet. Without a box of our own, nobody could say when there is. */
  _near() {
    const [box] = this.getClientRects();
    return box && box.top > innerHeight + NEAR && new Promise((resolve) => {
      const observer = new IntersectionObserver(([entry]) => {
        if (entry.isIntersecting) resolve(observer.disconnect());
      }, { rootMargin: `${NEAR}px` });
      observer.observe(this);
    });
  }

  _show(view) {
    const items = view.size;
    // Below the window nothing visible can be pushed, so the room of our own making is not needed.
    const [box] = this.getClientRects();
    if (this._held && (!box || box.top >= innerHeight)) this._release();
    this.toggleAttribute('empty', !items);
    this._put(view.root);
    if (!items) return this._announce('empty', { items });
    this._view = view;
    view.start();
    this._announce('ready', { items, layout: view.layout });
  }

  _fail(reason) {
    if (!this._served) this._release();
    console.warn(`testimonial-widget: ${this.src}: ${reason}`);
    this._announce('error', { reason });
  }

  _clear() {
    this._view?.stop();
    this._view = null;
    this._current = this._turn = '';
    clearTimeout(this._retry);
    this._release();
    this.toggleAttribute('empty', false);
    this._put(el('slot'));
  }

  _put(node) {
    this._root.replaceChildren(node);
    dress(this._root, CSS);
  }

  /** Without a height from the page, keep some from now on: one jump at most, and none where we come before paint. */
  _hold() {
    if (this._held || this._reserve || (this._grows && !this._served)) return;
    this._held = true;
    this.style.minBlockSize = this._served ? `${this.offsetHeight}px` : DEFAULT_RESERVE;
  }

  _release() {
    if (this._held) this.style.minBlockSize = '';
    this._held = false;
  }

  _announce(type, detail) {
    this.dispatchEvent(new CustomEvent(`testimonial-widget:${type}`, { bubbles: true, composed: true, detail }));
  }
}
