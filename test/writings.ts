/** Texts in many scripts, with the peculiarities of each. */
import fc from "fast-check";

const PIECES = [
  ..."a B é e\u0301 ß Ø ı İ ﬁ ½ 1 42 α Β ς µ alpha beta 1beta - , . ( \" ' и Й".split(" "),
  ..."绿 茶 々 ー は ガ ｶ 한 하 ᄒ ㄱ 𠮷 हि न् ا 🙂 \u0301 \u200b № ™".split(" "),
  " ",
  " ",
];

export const anyWriting = fc.array(fc.constantFrom(...PIECES), { maxLength: 30 }).map((pieces) => pieces.join(""));
