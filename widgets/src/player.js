// One video at a time on the whole page, in the place of its poster. Phones have few decoders and count paused
// videos too, so the one before is not only paused but let go.
import { el } from './dom.js';
import { load } from './parts.js';
import { measure } from './watching.js';

let live = null;

/** Swaps the poster in `frame` for the playing video. `view` gives report(type, item, more) and fail(item). Returns the video. */
export function play(frame, item, view) {
  stop();
  frame.querySelectorAll('.failure').forEach((old) => old.remove());
  const source = bestSource(item.sources, frame.clientWidth);
  const tracks = item.captions.map(({ src, language }, index) =>
    el('track', { kind: 'captions', src, srclang: language, label: language, default: !index }));
  const poster = frame.querySelector('img');
  const video = el('video', {
    controls: true,
    playsinline: true,
    preload: 'metadata',
    // Captions from another origin need it; without captions it would only demand CORS headers for nothing.
    crossorigin: tracks.length ? 'anonymous' : null,
    poster: poster?.currentSrc || poster?.src,
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
  load('player').then((part) => part?.offerSpeed(frame, video));
  return video;
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
  focused?.focus({ preventScroll: true });
  if (going) going.play().catch(() => {});
}

function apologize(frame, item, view) {
  stop();
  const box = el('p', { class: 'duration failure', role: 'alert' }, 'This video did not load.');
  frame.append(box);
  view.fail(item);
  load('player').then((part) => part?.offerWaysOut(box, item, () => play(frame, item, view)));
}

/** The smallest source that fills the frame sharply; the smallest of all where the visitor saves data. */
function bestSource(sources, width) {
  const { saveData } = navigator.connection || {};
  const need = saveData ? 0 : width * Math.min(devicePixelRatio || 1, 2);
  return sources.find((source) => source.width >= need) || sources[sources.length - 1];
}

/** The sources this browser can play, narrow ones first. */
export function playable(sources) {
  const probe = el('video');
  return sources
    .filter(({ type }) => probe.canPlayType(type))
    .sort((one, other) => one.width - other.width);
}
