// What a player needs once it plays: how fast, which the controls of some browsers lack, and the ways out of a failure.
import CSS from './player.css';

const RATES = [1, 1.25, 1.5, 2];
let rate = 1; // for all videos of this page view

export default ({ button, dress, el }) => ({
  offerSpeed(frame, video) {
    if (!video.isConnected) return;
    dress(frame.getRootNode(), CSS);
    const faster = button('over speed', null, () => {
      rate = RATES[(RATES.indexOf(rate) + 1) % RATES.length];
      apply();
    });
    const apply = () => {
      video.playbackRate = video.defaultPlaybackRate = rate;
      faster.textContent = `${rate}×`;
      faster.setAttribute('aria-label', `Speed ${rate}×`);
    };
    apply();
    frame.append(faster);
    video.querySelectorAll('track').forEach(nameTrack);
    video.addEventListener('emptied', () => faster.remove()); // it was let go
  },

  offerWaysOut(box, item, retry) {
    if (!box.isConnected) return;
    dress(box.getRootNode(), CSS);
    const again = button('button', null, retry, 'Try again');
    const page = item.shareUrl && el('a', { href: item.shareUrl, target: '_blank', rel: 'noopener' }, 'Open its page');
    box.append(el('span', null, ...[again, page].filter(Boolean)));
    again.focus({ preventScroll: true });
  },
});

/** The language in its own words. */
function nameTrack(track) {
  try {
    track.label = new Intl.DisplayNames(track.srclang, { type: 'language' }).of(track.srclang);
  } catch {
    // An unknown language keeps its code as its name.
  }
}
