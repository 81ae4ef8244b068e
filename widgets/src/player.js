// One video at a time on the whole page, in the place of its poster. Phones have few decoders and count paused
// videos too, so the one before is not only paused but let go.
import { button, el, webAddress } from './dom.js';
import { measure } from './watching.js';

let live = null;

/** Swaps the poster in `frame` for the playing video. `view` gives words, report(type, item, more) and fail(item). */
export function play(frame, item, view) {
  stop();
  const source = bestSource(item.sources, frame.clientWidth);
  const tracks = item.captions.map((captions, index) => track(captions, !index));
  const poster = frame.querySelector('img');
  const video = el('video', {
    controls: true,
    playsinline: true,
    preload: 'metadata',
    // Captions from another origin need it; without captions it would only demand CORS headers for nothing.
    crossorigin: tracks.length ? 'anonymous' : null,
    poster: poster && (poster.currentSrc || poster.src),
    'aria-label': item.name,
    error: () => live && live.video === video && apologize(frame, item, view),
  }, ...tracks);
  measure(video, item, (type, more) => view.report(type, item, more));
  live = { video, frame };
  frame.classList.add('on');
  frame.append(video);
  video.src = source.src;
  video.focus({ preventScroll: true });
  // Refused autoplay leaves the visitor with the controls; a broken file comes as an error event.
  video.play().catch(() => {});
}

/** Lets the running video go and shows its poster again. Only if it is inside `scope`, when one is given. */
export function stop(scope) {
  if (!live || (scope && !scope.contains(live.frame))) return;
  const { video, frame } = live;
  live = null;
  video.pause();
  video.removeAttribute('src');
  video.load();
  video.remove();
  frame.classList.remove('on');
}

/** Runs `change`, which moves cards in the document. That would pause a video and drop the focus: both are kept. */
export function keepGoing(root, change) {
  const going = live && !live.video.paused && live.video;
  const focused = root.activeElement;
  change();
  if (focused) focused.focus({ preventScroll: true });
  if (going) going.play().catch(() => {});
}

function apologize(frame, item, view) {
  stop();
  const again = button('button', null, () => {
    box.remove();
    play(frame, item, view);
  }, view.t('retry'));
  const box = el('div', { class: 'failure', role: 'alert' },
    el('p', null, view.t('failed')),
    el('div', null, again, item.shareUrl && el('a', { href: item.shareUrl, target: '_blank', rel: 'noopener' }, view.t('open'))));
  frame.append(box);
  again.focus({ preventScroll: true });
  view.fail(item);
}

/** The smallest source that fills the frame sharply; the smallest of all where the visitor saves data. */
function bestSource(sources, width) {
  const { saveData } = navigator.connection || {};
  const need = saveData ? 0 : width * Math.min(devicePixelRatio || 1, 2);
  return sources.find((source) => source.width >= need) || sources[sources.length - 1];
}

/** The sources this browser can play and load, narrow ones first. */
export function playable(sources, base) {
  const probe = document.createElement('video');
  return (sources || [])
    .map((source) => ({ ...source, src: webAddress(source.src, base) }))
    .filter(({ src, type }) => src && probe.canPlayType(type))
    .sort((one, other) => one.width - other.width);
}

function track({ src, language }, first) {
  let label = language;
  try {
    label = new Intl.DisplayNames(language, { type: 'language' }).of(language);
  } catch {
    // An unknown language keeps its code as its name.
  }
  return el('track', { kind: 'captions', src, srclang: language, label, default: first });
}
