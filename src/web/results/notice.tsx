import { NOTICE_WORDS } from "../../core/notice.js";
import type { Paper } from "../../core/paper.js";

/** Says in a heading, or after a title, that a paper was retracted, withdrawn, questioned or deleted. */
export const NoticeBadge = ({ notice }: Pick<Paper, "notice">) =>
  notice === null ? null : (
    <>
      {" "}
      <span class="badge" data-notice={notice}>
        {NOTICE_WORDS[notice]}
      </span>
    </>
  );
