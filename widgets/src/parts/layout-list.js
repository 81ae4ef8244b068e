// One below the other.
import ROW from './_row.css';
import CSS from './layout-list.css';

export default ({ dress }) => (view) => {
  dress(view.root.getRootNode(), ROW);
  dress(view.root.getRootNode(), CSS);
  view.content.classList.add('beside');
  view.content.append(...view.items.map((item) => view.card(item, Math.min(view.width(), 360))));
  return () => {};
};
