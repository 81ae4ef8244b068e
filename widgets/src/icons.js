// One hand: 24 × 24, strokes with round ends.
export const PLAY = 'M8 5v14l11-7z';
export const SHARE = 'M12 15V3.5M8 7l4-3.8L16 7M7 11H5v9.5h14V11h-2';
/** So many stars of five, from the left, in the middle of five times their width. A letter would cost the page another font. */
export const stars = (count) => 'M-60 3' + 'm24 0l3 6 6 1-4 4 1 6-6-3-6 3 1-6-4-4 6-1z'.repeat(count);
export const CLOSE = 'M6 6l12 12M18 6L6 18';
export const BACK = 'M15 5l-7 7 7 7';
export const VERIFIED = 'M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18zM8 12l3 3 5-6';
