// For a business's own pages: remembers which share brought somebody, first and last, and reports a conversion.
//   <script src="…/widget/conversion.js" data-workspace="TOKEN" async></script>
//   (data-experiment too: reports also who came by no share, for an experiment of the console)
//   testimonialsConversion({ key: 'order-4711', value: 4900, currency: 'EUR' })
// First party: it keeps two codes with their times in this site's own storage, and nothing where a visitor asks not to
// be followed (Global Privacy Control). Nothing is sent before a conversion is reported.
(() => {
  const script = document.currentScript;
  const workspace = script.dataset.workspace;
  const address = new URL(`../conversions/${workspace}`, script.src).href;
  const NAME = 'testimonials-touches';

  const read = () => {
    try {
      return JSON.parse(localStorage.getItem(NAME)) || {};
    } catch {
      return {};
    }
  };

  const code = new URLSearchParams(location.search).get('tvia');
  let touches = read();
  if (code && !navigator.globalPrivacyControl) {
    const touch = { code, at: new Date().toISOString() };
    touches = { first: touches.first || touch, last: touch };
    try {
      localStorage.setItem(NAME, JSON.stringify(touches));
    } catch { /* blocked storage: the touch lasts as long as this page */ }
  }

  /** Reports a conversion. `key` is yours and unique; reporting it twice counts once. Resolves to whether it was taken. */
  window.testimonialsConversion = async ({ key, value, currency, orderReference }) => {
    if (!touches.last && !('experiment' in script.dataset)) return false; // no share led here, and nobody else asks
    const body = JSON.stringify({ ...touches, key, value, currency, order_reference: orderReference });
    try {
      return (await fetch(address, { method: 'POST', credentials: 'omit', keepalive: true, body })).ok;
    } catch {
      return navigator.sendBeacon?.(address, body) ?? false;
    }
  };
})();
