// One hand: 24 × 24, strokes with round ends. Names of networks are those of the feed.
export const PLAY = 'M8 6v12l9-6z';
export const SHARE = 'M12 15V3.5M8 7l4-3.8L16 7M7 11H5v9.5h14V11h-2';
export const CLOSE = 'M6 6l12 12M18 6L6 18';
export const BACK = 'M15 5l-7 7 7 7';
export const VERIFIED = 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8 12l3 3 5-6';

const NETWORKS = {
  __proto__: null, // names come from the feed: `constructor` is not a network
  x: 'M4.5 4h4l11 16h-4zM4.5 20l6.3-7M19.5 4l-6 6.5',
  linkedin: 'M4 4h16v16H4zM8 11v5M8 7.5v0M12 16v-5M12 13.5c0-3.3 4.5-3.3 4.5 0V16',
  whatsapp: 'M3.5 20.5L5 16a8.5 8.5 0 1 1 3 3zM9 8c-1 4 3 8 7 7v-2l-2-1-1 1-2-2 1-1-1-2z',
};

/** The picture of a network; the share sign for the device's own sheet and for any that this version does not know. */
export const networkIcon = (name) => NETWORKS[name] || SHARE;
