// How words are made. The words themselves stand where they are used, in English; a visitor reads and hears no others.

/** 72.4 → "1:12". */
export function clock(seconds) {
  const whole = Math.round(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** A name inside our own sentence: isolated, so that a right-to-left name does not turn the sentence around. */
export const isolate = (name) => `\u2068${name}\u2069`;
