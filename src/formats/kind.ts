import type { Paper } from "../core/paper.js";

/** The type of publication, for citations. */
export type Kind = "article" | "conference" | "preprint" | "other";

/** "Proceedings" alone is not enough: those of the National Academy of Sciences are a journal. */
const CONFERENCE =
  /\b(?:conference|symposium|workshop|colloquium|international congress|neural information processing systems)\b|^proceedings of the \d|\b(?:NeurIPS|NIPS|ICML|ICLR|AISTATS|CVPR|ICCV|ECCV|ACL|NAACL|EACL|EMNLP|COLING|AAAI|IJCAI|SIGIR|SIGKDD|KDD|ICASSP|INTERSPEECH)\b/i;
const PREPRINTS = /^(?:arxiv|corr|biorxiv|medrxiv|chemrxiv|psyarxiv|eartharxiv|ssrn|research square)\b|\bpreprints?\b/i;

/** Guesses the type from the venue, because it is not stored. A wrong guess only affects how a citation looks. */
export function kindOf({ venue, arxiv }: Pick<Paper, "venue" | "arxiv">): Kind {
  if (venue === null) return arxiv === null ? "other" : "preprint";
  if (PREPRINTS.test(venue)) return "preprint";
  return CONFERENCE.test(venue) ? "conference" : "article";
}
