// A slow band. It stands still under the pointer, under the focus and at the push of a button, and it never moves where
// less motion is asked for: there it is a row to scroll.
import CSS from './layout-marquee.css';

const MOST = 16; // on the band; each is there twice, so that the band has no end
const SECONDS_EACH = 9;
const PAUSE = 'M9 6v12M15 6v12';
const GO = 'M8 6v12l9-6z';

export default ({ button, dress, el, icon }) => (view) => {
  dress(view.root.getRootNode(), CSS);
  const items = view.items.slice(0, MOST);
  const group = (kind) => el('div', { class: kind }, ...items.map((item) => view.card(item, 304)));
  const first = group('group');
  const again = group('group again');
  // The second time they are only for the eye and the pointer. Who uses one of them has it as a real one.
  again.setAttribute('aria-hidden', 'true');
  for (const node of again.querySelectorAll('button')) node.tabIndex = -1;
  again.addEventListener('pointerdown', () => again.removeAttribute('aria-hidden'));

  const track = el('div', { class: 'track' }, first, again);
  track.style.setProperty('--seconds', `${items.length * SECONDS_EACH}s`);
  const lane = el('div', { class: 'lane', focusout: () => { if (!view.root.matches('.calm')) lane.scrollLeft = 0; } }, track);
  let still = false;
  const halt = button('round pause', 'Pause', () => {
    still = !still;
    view.root.classList.toggle('still', still);
    halt.setAttribute('aria-label', still ? 'Go on' : 'Pause');
    halt.replaceChildren(icon(still ? GO : PAUSE));
  }, icon(PAUSE));
  view.content.append(lane, halt);

  const less = matchMedia('(prefers-reduced-motion: reduce)');
  return () => {
    const calm = less.matches || first.offsetWidth <= lane.clientWidth;
    view.root.classList.toggle('calm', calm);
    // A row that scrolls has to be in reach of the keyboard.
    if (calm) lane.tabIndex = 0;
    else lane.removeAttribute('tabindex');
  };
};
