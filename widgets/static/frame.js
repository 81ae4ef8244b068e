// For pages that embed by iframe: gives each of our frames the height of what it shows. Loaded by the host page; talks to
// frames of this script's own origin only, and believes no other.
(() => {
  const { origin } = new URL(document.currentScript.src);
  const HIGHEST = 20000; // pixels: no frame may push the page away

  const frames = () => [...document.querySelectorAll('iframe')].filter((frame) => frame.src.startsWith(`${origin}/widget/`));

  const ask = (frame) => frame.contentWindow && frame.contentWindow.postMessage({ type: 'testimonial-widget:hello' }, origin);

  addEventListener('message', ({ data, source, origin: from }) => {
    if (from !== origin || !data || data.type !== 'testimonial-widget:height') return;
    const frame = frames().find((each) => each.contentWindow === source);
    if (frame && Number.isFinite(data.height)) frame.style.height = `${Math.min(HIGHEST, Math.max(0, Math.ceil(data.height)))}px`;
  });
  // `load` does not bubble; listening on the way down also hears of frames that come later, and of lazy ones.
  document.addEventListener('load', ({ target }) => frames().includes(target) && ask(target), true);
  // A document of another origin cannot be seen: this frame is there already, and not still the empty page before it.
  frames().forEach((frame) => frame.contentDocument || ask(frame));
})();
