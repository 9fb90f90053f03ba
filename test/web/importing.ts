/** Papers that tests of the page import, and how fast it sends them. */
import type { Page } from "playwright-core";

export const imports = (page: Page) => page.getByRole("region", { name: "Imports" });
export const papers = (name: string, howMany: number, abstract = ""): string =>
  Array.from({ length: howMany }, (_, i) =>
    JSON.stringify({ id: `${name}-${i}`, title: `${name} that count to ${i}`, ...(abstract && { abstract }) }),
  ).join("\n");
export const ABSTRACT =
  "They were trained to fly past a fixed number of landmarks, and did so whatever their distance. ".repeat(8);

/** Limits the upload speed of the page. */
export async function sendAt(page: Page, bytesASecond: number): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send("Network.enable");
  const unchanged = { offline: false, latency: 0, downloadThroughput: -1 };
  await session.send("Network.emulateNetworkConditions", { ...unchanged, uploadThroughput: bytesASecond });
}
