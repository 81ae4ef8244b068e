// What few pages need comes when it is used: each part is one module beside v1.js. A part imports
// nothing; it is a function that is given what it needs of us. RELEASE is the hash of all of them, written in by the build.
import { button, dress, el, icon, webAddress } from './dom.js';
import { stop } from './player.js';
import { copy, fillIn, mint } from './share.js';

const loaded = { __proto__: null };

// Code comes from where this script came from and from nowhere else, whatever an attribute or a feed says. The check
// is for pages where somebody's <img name="currentScript"> stands in the way.
const script = document.currentScript;
const ours = script instanceof HTMLScriptElement ? script : document.querySelector('script[src*="/widget/v1.js"]');
const home = webAddress('v1/', ours?.src);

/** A promise of the part, which is undefined where it cannot be had. */
export function load(name) {
  return loaded[name] ||= import(`${home}${name}-${RELEASE}.js`)
    .then((part) => part.default({ button, copy, dress, el, fillIn, icon, load, mint, stop, webAddress }))
    .catch(() => { delete loaded[name]; });
}
