import type { Element } from "./element.js";

/** A date in elements for year, month and day, as one text; empty if it has no year. */
export function dateIn(element: Element): string {
  const part = (name: string): string => (element.at(name).text || element.at(name.toLowerCase()).text).trim();
  const [year, month, day] = ["Year", "Month", "Day"].map(part);
  return year === "" ? "" : [year, month, month === "" ? "" : day].filter((one) => one !== "").join("-");
}
