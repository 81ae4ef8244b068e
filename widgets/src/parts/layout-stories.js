// A row of faces; each opens its story in a window of its own. A story that has been watched to its end hands on to the
// next, unless the visitor asked for less motion; words wait for the reader.
import { BACK, CLOSE } from '../icons.js';
import CSS from './layout-stories.css';

export default ({ button, dress, el, icon, stop }) => (view) => {
  dress(view.root.getRootNode(), CSS);
  const { items } = view;
  let place = 0;
  const bars = items.map(() => el('i'));
  const counter = el('b');
  const stage = el('div', { class: 'card' }); // gives way to the card of the story
  let shown = stage;
  const close = button('round', 'Close', () => viewer.close(), icon(CLOSE));
  const back = button('round previous', 'Previous', () => tell(place - 1), icon(BACK));
  const next = button('round next', 'Next', () => tell(place + 1), icon(BACK));
  const viewer = el('dialog', { class: 'viewer', 'aria-label': 'Stories', close: () => stop(viewer) },
    el('div', { class: 'bars', 'aria-hidden': 'true' }, ...bars), el('header', null, counter, close), stage,
    el('div', { class: 'turns' }, back, next));

  const tell = (index) => {
    if (!items[index]) return viewer.close();
    place = index;
    stop(viewer);
    const card = view.card(items[index], 416);
    shown.replaceWith(card);
    shown = card;
    counter.textContent = `${index + 1} / ${items.length}`;
    back.hidden = !index;
    bars.forEach((bar, at) => bar.style.setProperty('--done', at < index ? '100%' : '0%'));
    faces[index].classList.add('seen');
    watch(card, bars[index]);
  };
  const watch = (card, bar) => {
    const start = card.querySelector('.play');
    if (start) start.click();
    const video = card.querySelector('video');
    if (!video) {
      bar.style.setProperty('--done', '100%');
      return next.focus();
    }
    video.addEventListener('timeupdate', () => bar.style.setProperty('--done', `${(100 * video.currentTime) / video.duration || 0}%`));
    video.addEventListener('ended', () => {
      if (!matchMedia('(prefers-reduced-motion: reduce)').matches && items[place + 1]) tell(place + 1);
    });
  };

  const faces = items.map((item, index) => {
    const picture = item.ratio && el('img', { loading: 'lazy', alt: '', sizes: '84px', srcset: item.poster.srcset, src: item.poster.src });
    const face = button('face', null, () => {
      viewer.showModal();
      tell(index);
    }, el('span', null, picture || item.name.slice(0, 1)), el('bdi', null, item.name));
    face.item = item;
    view.observe(face);
    return face;
  });
  view.content.append(el('ul', { class: 'faces' }, ...faces.map((face) => el('li', null, face))), viewer);
  return () => {};
};
