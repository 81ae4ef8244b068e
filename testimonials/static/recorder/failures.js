/** Which problem a failed upload is, for the person. */
import { showProblem } from "./screens.js";
import { BytesLost } from "./spool.js";
import { UploadRefused } from "./uploader.js";

/** @param {unknown} error */
export function uploadFailed(error) {
  if (error instanceof UploadRefused) showProblem("refused", { detail: error.detail });
  else if (error instanceof BytesLost) showProblem("lost");
  else showProblem("unsent");
}
