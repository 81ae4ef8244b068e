// The entry of v1.js.
import './define.js';
