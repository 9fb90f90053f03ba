import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { outsideLinks, webAddress } from "../../src/web/results/links.js";

const none = { doi: null, arxiv: null, url: null };

describe("external links", () => {
  test("lead to the DOI, to arXiv and to the paper's own address", () => {
    assert.deepEqual(
      outsideLinks({ doi: "10.1145/3292500.1", arxiv: "hep-th/9901001", url: "https://www.example.org/a" }),
      [
        { label: "DOI", text: "10.1145/3292500.1", href: "https://doi.org/10.1145/3292500.1" },
        { label: "arXiv", text: "hep-th/9901001", href: "https://arxiv.org/abs/hep-th/9901001" },
        { label: "Web", text: "example.org", href: "https://www.example.org/a" },
      ],
    );
  });

  test("are not repeated", () => {
    assert.equal(
      outsideLinks({ ...none, doi: "10.1109/iccv.1999.1", url: "http://dx.doi.org/10.1109/ICCV.1999.1" }).length,
      1,
    );
    assert.equal(outsideLinks({ ...none, arxiv: "1706.03762", url: "https://arxiv.org/abs/1706.03762/" }).length, 1);
  });

  test("escape special characters of a DOI", () => {
    const [link] = outsideLinks({ ...none, doi: "10.1002/(sici)1<3::aid>3.0.co;2-#?%" });
    assert.equal(link?.href, "https://doi.org/10.1002/(sici)1%3C3%3A%3Aaid%3E3.0.co%3B2-%23%3F%25");
  });

  test("are always http or https", () => {
    const others = [
      "javascript:alert(1)",
      " JavaScript:alert(1)",
      "data:text/html,x",
      "file:///etc",
      "//x.org",
      "x",
      "https://",
    ];
    for (const url of others) {
      assert.equal(webAddress(url), undefined, url);
      assert.deepEqual(outsideLinks({ ...none, url }), []);
    }
    assert.equal(webAddress(" HTTPS://Example.org/ä "), "https://example.org/%C3%A4");
  });
});
