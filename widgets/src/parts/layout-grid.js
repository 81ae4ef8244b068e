// Rows of cards of one shape.
import CSS from './layout-grid.css';

export default ({ dress }) => (view) => {
  dress(view.root.getRootNode(), CSS);
  view.content.append(...view.items.map((item) => view.card(item, Math.min(view.width(), 400))));
  return () => {};
};
