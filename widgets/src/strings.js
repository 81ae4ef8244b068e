// Every word a visitor can read or hear. A language is one more entry; missing words fall back to English.
const WORDS = {
  en: {
    carousel: 'Testimonials',
    close: 'Close',
    copied: 'Link copied',
    copy: 'Copy link',
    failed: 'This video did not load.',
    linkedin: 'LinkedIn',
    manual: 'Copy this link',
    more: 'Show more',
    native: 'More',
    next: 'Next',
    open: 'Open its page',
    play: 'Play {name}',
    previous: 'Previous',
    retry: 'Try again',
    share: 'Share {name}’s story',
    stars: '{value} out of 5 stars',
    verified: 'Verified customer',
    whatsapp: 'WhatsApp',
  },
};

/** A function from a key to its words, in the language of the nearest `lang` around the element. */
export function wordsFor(host) {
  const scope = host.closest('[lang]');
  const language = scope ? scope.lang.toLowerCase().split('-')[0] : 'en';
  const words = { __proto__: null, ...WORDS.en, ...WORDS[language] };
  return (key, values = {}) =>
    (words[key] || key[0].toUpperCase() + key.slice(1)).replace(/\{(\w+)\}/g, (_, name) => values[name]);
}

/** 72.4 → "1:12". */
export function clock(seconds) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** A name inside our own sentence: isolated, so that a right-to-left name does not turn the sentence around. */
export const isolate = (name) => `\u2068${name}\u2069`;
