// Names the element. A page may load the script twice, or after another version: the first definition stays.
import { TestimonialWidget } from './element.js';

const NAME = 'testimonial-widget';
if (!customElements.get(NAME)) customElements.define(NAME, TestimonialWidget);
