/**
 * What programs and databases write where a value is missing: the words of data frames, and sentences in place of an
 * abstract. Only a value that is nothing else is empty. A title is never looked at here.
 */

/** As pandas, R, databases and people write them. The case counts: "Na" and "Null" are surnames. */
const WORDS: ReadonlySet<string> = new Set(
  "nan NaN NAN -nan -NaN <NA> NA N/A n/a N.A. n.a. #N/A #NA NaT None NONE none null NULL (null) undefined - -- --- – —".split(
    " ",
  ),
);
/** Characters of the longest, with some blanks around it. */
const MOST = 20;

/** Whether a text stands for a value that is missing. */
export const isMissing = (text: string): boolean => text.length <= MOST && WORDS.has(text.trim());

const NOUN = "(?:abstract|summary)";
const GIVEN = "(?:available|provided|given|found|supplied|included|present|exists?)";
/** "... for this article", "... in English". */
const WHERE =
  "(?: (?:for|in|from) (?:(?:this|the|an?) )?(?:article|paper|item|document|record|publication|content|entry|work|chapter|book|english|pubmed|database|source))?";
const NO_ABSTRACT = new RegExp(
  "^(?:" +
    [
      NOUN,
      `no ${NOUN}s?(?: (?:is |was )?${GIVEN})?${WHERE}`,
      `(?:an? |the )?${NOUN} (?:(?:is |was )?(?:currently )?(?:not|un|non)[ -]?(?:yet )?${GIVEN}|missing|pending|n/?a)${WHERE}`,
      `there (?:is|was) no ${NOUN}(?: ${GIVEN})?${WHERE}`,
      `(?:this|the) (?:article|paper|item|document|record|publication|entry|work) (?:has|contains|does not have|does not contain) (?:no|an) ${NOUN}`,
      `without (?:an )?${NOUN}`,
      "not available|none available|unavailable|not applicable",
      "kein(?:e)? (?:abstract|zusammenfassung)(?: (?:verfügbar|vorhanden))?|(?:abstract|zusammenfassung) nicht (?:verfügbar|vorhanden)|zusammenfassung",
      "(?:pas de résumé|aucun résumé)(?: disponible)?|résumé(?: non disponible)?",
      "(?:sin|no hay) resumen(?: disponible)?|resumen(?: no disponible)?",
      "sem resumo|resumo(?: não disponível)?",
      "[暂暫]?[无無]摘要|摘要",
    ].join("|") +
    ")$",
  "i",
);
/** Brackets and stops around the sentence. */
const AROUND = /^[\s[({"'<*]+|[\s\])}"'>*.!:]+$/g;
const DASHES = /^[\s.…–—_*?-]*$/;

/** Whether a text in the place of an abstract says no more than that there is none. */
export function isNoAbstract(text: string): boolean {
  if (text.length > 100) return false;
  return isMissing(text) || DASHES.test(text) || NO_ABSTRACT.test(text.replace(AROUND, "").replace(/\s+/g, " "));
}
