// The newest one, as large as its room.
import ROW from './_row.css';
import CSS from './layout-single.css';

export default ({ dress }) => (view) => {
  dress(view.root.getRootNode(), CSS);
  dress(view.root.getRootNode(), ROW);
  view.content.classList.add('beside');
  view.content.append(view.card(view.items[0], Math.min(view.width(), 560)));
  return () => {};
};
