/** What went wrong on the way to the server, as a screen for the person. The server's own sentences stay out of the page: they
    are written for whoever reads logs, and not always in the page's language. */
import { config } from "./config.js";
import * as details from "./details.js";
import { amount } from "./messages.js";
import { show, showProblem } from "./screens.js";
import { BytesLost } from "./spool.js";
import { SubmissionRefused } from "./submission.js";
import { t } from "./text.js";
import { UploadRefused } from "./uploader.js";

const ONCE_MORE = t("It was not continued in time, so it has to be sent once more.");
const TOO_LARGE = t("It is larger than what can be sent here: up to {limit}. A shorter one, or one in lower quality, will do.", { limit: amount(config.max_bytes) });
const TOO_OLD = t("This page was open too long. Please reload it and send again.");

/** By the code of the answer. What is not here is nothing that a person could mend: then the screen has a sentence of its own.
    @type {Record<string, string>} */
const REASONS = {
  too_large: TOO_LARGE, upload_too_large: TOO_LARGE,
  unknown_upload: ONCE_MORE, upload_expired: ONCE_MORE, end_lost: ONCE_MORE,
  upload_finalized: t("It was handed in already, perhaps in another tab."),
  upload_incomplete: t("The video has not arrived completely yet."),
  empty_file: t("The file is empty. Please choose the video again."),
  unknown_campaign: t("Nothing is collected here any more. Please ask who sent you the link."),
  unknown_invitation: t("This invitation does not exist any more. Please ask who sent it for another one."),
  invitation_used: t("This invitation was used already."),
  unknown_testimonial: t("The video that it was to replace is not there any more. Perhaps it was erased."),
  unknown_wording: t("What you agreed to has changed. Please reload the page and read it again."),
  way_not_offered: t("This way is not offered here."),
  form_age: TOO_OLD, robot: TOO_OLD,
  too_fast: t("That was very fast. Please press send once more."),
};

/** @param {unknown} error */
export function uploadFailed(error) {
  if (error instanceof UploadRefused) showProblem("refused", { detail: REASONS[error.code] });
  else if (error instanceof BytesLost) showProblem("lost");
  else showProblem("unsent");
}

/** @param {unknown} error @returns {boolean} whether the server has let go of the bytes, which are still here */
export function sendFailed(error) {
  if (!(error instanceof SubmissionRefused)) {
    if (error instanceof UploadRefused || error instanceof BytesLost) uploadFailed(error);
    else showProblem("unsent");
    return false;
  }
  if (Object.keys(error.errors).length && !config.replace) {
    show("details");
    details.showErrors(error.errors);
    return false;
  }
  showProblem("unsent", { detail: REASONS[error.code] });
  return error.status === 404 || error.status === 410;
}
