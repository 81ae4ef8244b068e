/** What was under way besides a recording when the page was closed or killed. Its words come back by themselves; a file has to
    be chosen again, as no browser may open it without being asked to. */
import { part, write } from "./screens.js";
import { t } from "./text.js";

const KEY = `way:${location.pathname}`;
const CHOOSE = t("This page was closed before you had sent it. What you filled in is still here, and the file has to be chosen once more.");
/** @type {Record<string, [words: string, label: string]>} by the act that leads on */
const WAYS = {
  upload: [CHOOSE, t("Choose it again")],
  photo: [CHOOSE, t("Choose it again")],
  write: [t("This page was closed before you had sent it. What you wrote is still here."), t("Go on writing")],
};

/** What the person is about, for a page that may be gone in the next moment. @param {"" | "upload" | "photo" | "write"} way */
export function note(way) {
  part("comeback").hidden = true;
  try {
    if (way) sessionStorage.setItem(KEY, way);
    else sessionStorage.removeItem(KEY);
  } catch { /* storage is closed in some private windows: then nothing comes back */ }
}

/** Says on the first screen what there is to go on with. */
export function offer() {
  let way = "";
  try {
    way = sessionStorage.getItem(KEY) ?? "";
  } catch { /* as above */ }
  const found = WAYS[way];
  part("comeback").hidden = !found;
  if (!found) return;
  write("comeback-words", found[0]);
  write("comeback-go", found[1]);
  part("comeback-go").dataset.act = way;
}
