/** PubMed's XML. Elements: "PubMed DTD", dtd.nlm.nih.gov/ncbi/pubmed/doc. */
import { earliest } from "../dates.js";
import { finish, type Outcome } from "../draft.js";
import { excerpt } from "../text.js";
import { dateIn } from "./dates.js";
import { Element } from "./element.js";
import { noticeOfTypes } from "../notice.js";
import { distinct, fullName } from "./fields.js";
import { labelled } from "./text.js";
import { withoutFullStop } from "../text.js";

/** Elements that are not read, and are much of a record. */
export const PUBMED_SKIPPED = [
  "AffiliationInfo",
  "ChemicalList",
  "DataBankList",
  "GrantList",
  "History",
  "InvestigatorList",
  "ReferenceList",
];

/** Elements about PubMed's record rather than the paper. */
const STRUCTURE = [
  "CitationSubset",
  "DateCompleted",
  "DateCreated",
  "DateRevised",
  "History",
  "MedlineJournalInfo",
  "PublicationStatus",
];

/** `PubmedArticle`, or the `MedlineCitation` in it alone. */
export function readPubmedArticle(record: Element, ignored: (field: string) => void): Outcome {
  const citation = record.name === "MedlineCitation" ? record : record.at("MedlineCitation");
  const article = citation.at("Article");
  const journal = article.at("Journal");
  const data = record.at("PubmedData");
  const types = article
    .at("PublicationTypeList")
    .all("PublicationType")
    .map(({ text }) => text.trim());
  const links = citation
    .at("CommentsCorrectionsList")
    .all("CommentsCorrections")
    .map((link) => link.attribute("RefType"));
  const own = titleOf(article.at("ArticleTitle"));
  const outcome = finish(
    {
      ...identifiers(citation.at("PMID"), [
        ...data.at("ArticleIdList").all("ArticleId"),
        ...article.all("ELocationID"),
      ]),
      title: own === "" ? withoutFullStop(article.at("VernacularTitle").text) : own,
      abstract: abstractOf(article.at("Abstract")) || otherAbstract(citation),
      authors: article.all("AuthorList").flatMap(authorsIn),
      venue: journal.at("Title").text || journal.at("ISOAbbreviation").text,
      published: earliest([
        publicationDate(journal.at("JournalIssue", "PubDate")),
        ...article.all("ArticleDate").map(dateIn),
      ]),
      keywords: distinct(keywordsIn(citation)),
      notice: noticeOfTypes([...types, ...links]),
    },
    { found: record.elements().map(({ name }) => name) },
  );
  for (const element of [citation, article, data]) {
    element.all(...STRUCTURE);
    for (const name of element.unread()) ignored(name);
  }
  return outcome;
}

/** A book, or a chapter of one. */
export function readPubmedBook(record: Element, ignored: (field: string) => void): Outcome {
  const document = record.at("BookDocument");
  const book = document.at("Book");
  const chapter = titleOf(document.at("ArticleTitle"));
  const bookTitle = titleOf(book.at("BookTitle"));
  const authors = document.all("AuthorList").flatMap(authorsIn);
  const outcome = finish(
    {
      ...identifiers(document.at("PMID"), document.at("ArticleIdList").all("ArticleId")),
      title: chapter || bookTitle,
      abstract: abstractOf(document.at("Abstract")),
      authors: authors.length > 0 ? authors : book.all("AuthorList").flatMap(authorsIn),
      venue: chapter === "" ? book.at("Publisher", "PublisherName").text : bookTitle,
      published: earliest([publicationDate(book.at("PubDate")), dateIn(document.at("ContributionDate"))]),
      keywords: distinct(keywordsIn(document)),
    },
    { found: document.elements().map(({ name }) => name) },
  );
  record.at("PubmedBookData");
  for (const element of [document, book]) for (const name of element.unread()) ignored(name);
  return outcome;
}

/** PubMed's daily files list citations that were deleted. */
export function readDeletedCitations(record: Element): Outcome {
  const ids = record.all("PMID").map(({ text }) => excerpt(text, 20));
  const more = ids.length > 20 ? ` and ${ids.length - 20} more` : "";
  return { problem: `PubMed has deleted ${ids.slice(0, 20).join(", ")}${more}: remove these papers if you have them` };
}

function identifiers(pmid: Element, ids: Element[]): { id: string; doi: string; url: string } {
  const number = pmid.text.trim() || (ids.find((id) => id.attribute("IdType") === "pubmed")?.text.trim() ?? "");
  const doi = ids.find(
    (id) => [id.attribute("IdType"), id.attribute("EIdType")].includes("doi") && id.attribute("ValidYN") !== "N",
  );
  return {
    id: number === "" ? "" : `PMID:${number}`,
    doi: doi?.text ?? "",
    url: number === "" ? "" : `https://pubmed.ncbi.nlm.nih.gov/${number}/`,
  };
}

/** Translated titles are in brackets. */
function titleOf(element: Element): string {
  const title = withoutFullStop(element.text);
  const translated = /^\[([^]*)\]$/.exec(title)?.[1];
  const text = translated === undefined ? title : withoutFullStop(translated);
  return /^not available$/i.test(text) ? "" : text;
}

const abstractOf = (abstract: Element): string =>
  abstract
    .all("AbstractText")
    .map((part) => {
      const label = part.attribute("Label");
      return labelled(label === "UNLABELLED" ? "" : label, part.text);
    })
    .join("\n");

/** An abstract in another language, or for patients, if there is no other; the English one first. */
function otherAbstract(citation: Element): string {
  const others = citation.all("OtherAbstract");
  return abstractOf(others.find((one) => one.attribute("Language") === "eng") ?? others[0] ?? new Element(""));
}

const authorsIn = (list: Element): string[] =>
  list.attribute("Type") === "editors"
    ? []
    : list
        .all("Author")
        .filter((author) => author.attribute("ValidYN") !== "N")
        .map(
          (author) =>
            author.at("CollectiveName").text.trim() ||
            fullName(
              author.at("ForeName").text || author.at("Initials").text,
              author.at("LastName").text,
              author.at("Suffix").text,
            ),
        );

/** `MedlineDate` has what does not fit: "1998 Dec-1999 Jan". */
const publicationDate = (date: Element): string => dateIn(date) || date.at("MedlineDate").text;

const keywordsIn = (element: Element): string[] =>
  [
    ...element.all("KeywordList").flatMap((list) => list.all("Keyword")),
    ...element
      .at("MeshHeadingList")
      .all("MeshHeading")
      .map((heading) => heading.at("DescriptorName")),
  ].map(({ text }) => text);
