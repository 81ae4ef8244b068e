// One hand: 24 × 24, strokes with round ends.
export const PLAY = 'M8 6v12l9-6z';
export const SHARE = 'M12 15V3.5M8 7l4-3.8L16 7M7 11H5v9.5h14V11h-2';
export const CLOSE = 'M6 6l12 12M18 6L6 18';
export const BACK = 'M15 5l-7 7 7 7';
export const VERIFIED = 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8 12l3 3 5-6';
