// When something counts: an impression is half a card in view for a second, a second is watched when it has passed.
import { fill } from './dom.js';

const DWELL_MS = 1000;
const seen = new Set(); // widget and testimonial, once per page view, even when the element moves

/** An observer of cards; `report(card.item)` comes once for each card that was really in view. */
export function impressions(widget, report) {
  const observer = new IntersectionObserver((entries) => {
    for (const { target, intersectionRatio } of entries) {
      clearTimeout(target.timer);
      if (intersectionRatio < 0.5) continue;
      target.timer = setTimeout(() => {
        if (document.hidden || !target.isConnected) return;
        observer.unobserve(target);
        const key = `${widget} ${target.item.token}`;
        if (seen.has(key)) return;
        seen.add(key);
        report(target.item);
      }, DWELL_MS);
    }
  }, { threshold: 0.5 });
  return observer;
}

/** Reports play, quartiles and complete of one video. Seconds jumped over are not watched. */
export function measure(video, item, report) {
  // Kept with the item, so that a second start of the same video counts nothing twice.
  const { watched, sent } = (item.counted = item.counted || { watched: new Set(), sent: new Set() });
  let current = -1;
  const once = (type, value) => {
    const key = `${type}${value || ''}`;
    if (sent.has(key)) return;
    sent.add(key);
    report(type, value && { value });
  };
  const pass = (second) => {
    if (second < 0) return;
    watched.add(second);
    const share = watched.size / Math.max(1, Math.round(video.duration));
    for (const value of [25, 50, 75]) if (share * 100 >= value) once('quartile', value);
    if (share >= 0.95) once('complete');
  };
  fill(video, {
    playing: () => once('play'),
    seeking: () => (current = -1),
    timeupdate() {
      if (video.seeking || video.paused) return;
      const second = Math.floor(video.currentTime);
      if (second === current + 1 && current >= 0) pass(current);
      current = second;
    },
    ended: () => pass(Math.min(current, Math.round(video.duration) - 1)),
  });
}
