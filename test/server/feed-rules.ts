/** Whether a feed is valid by others' code: libxml2 with a schema of Atom, and the published JSON Schema of JSON Feed. */
import { Ajv } from "ajv";
import { createRequire } from "node:module";
import { RelaxNGValidator, XmlDocument } from "libxml2-wasm";

/** RFC 4287 as RELAX NG, without what Kindred does not write: text as XHTML, extensions, sources of entries. */
const ATOM = `
<grammar xmlns="http://relaxng.org/ns/structure/1.0" ns="http://www.w3.org/2005/Atom"
    datatypeLibrary="http://www.w3.org/2001/XMLSchema-datatypes">
  <start>
    <element name="feed">
      <ref name="common"/>
      <interleave>
        <ref name="both"/>
        <optional><element name="generator"><ref name="common"/><optional><attribute name="uri"><ref name="address"/></attribute></optional><optional><attribute name="version"/></optional><text/></element></optional>
        <optional><element name="icon"><ref name="common"/><ref name="address"/></element></optional>
        <optional><element name="logo"><ref name="common"/><ref name="address"/></element></optional>
        <optional><element name="subtitle"><ref name="words"/></element></optional>
      </interleave>
      <zeroOrMore><ref name="entry"/></zeroOrMore>
    </element>
  </start>
  <define name="entry">
    <element name="entry">
      <ref name="common"/>
      <interleave>
        <ref name="both"/>
        <optional><element name="published"><ref name="time"/></element></optional>
        <optional><element name="summary"><ref name="words"/></element></optional>
        <optional><element name="content"><ref name="words"/></element></optional>
      </interleave>
    </element>
  </define>
  <define name="both">
    <interleave>
      <element name="id"><ref name="common"/><ref name="address"/></element>
      <element name="title"><ref name="words"/></element>
      <element name="updated"><ref name="time"/></element>
      <optional><element name="rights"><ref name="words"/></element></optional>
      <zeroOrMore><element name="author"><ref name="person"/></element></zeroOrMore>
      <zeroOrMore><element name="contributor"><ref name="person"/></element></zeroOrMore>
      <zeroOrMore>
        <element name="category">
          <ref name="common"/>
          <attribute name="term"/>
          <optional><attribute name="scheme"><ref name="address"/></attribute></optional>
          <optional><attribute name="label"/></optional>
        </element>
      </zeroOrMore>
      <zeroOrMore>
        <element name="link">
          <ref name="common"/>
          <attribute name="href"><ref name="address"/></attribute>
          <optional><attribute name="rel"><data type="string"><param name="minLength">1</param></data></attribute></optional>
          <optional><attribute name="type"><data type="string"><param name="pattern">.+/.+</param></data></attribute></optional>
          <optional><attribute name="hreflang"><data type="language"/></attribute></optional>
          <optional><attribute name="title"/></optional>
          <optional><attribute name="length"/></optional>
        </element>
      </zeroOrMore>
    </interleave>
  </define>
  <define name="person">
    <ref name="common"/>
    <interleave>
      <element name="name"><data type="string"><param name="minLength">1</param></data></element>
      <optional><element name="uri"><ref name="address"/></element></optional>
      <optional><element name="email"><data type="string"><param name="pattern">.+@.+</param></data></element></optional>
    </interleave>
  </define>
  <define name="words">
    <ref name="common"/>
    <optional><attribute name="type"><choice><value>text</value><value>html</value></choice></attribute></optional>
    <text/>
  </define>
  <define name="time">
    <ref name="common"/>
    <data type="dateTime"><param name="pattern">.+T.+(Z|[+\\-]\\d\\d:\\d\\d)</param></data>
  </define>
  <define name="address"><data type="anyURI"><param name="minLength">1</param></data></define>
  <define name="common">
    <optional><attribute name="xml:base"><data type="anyURI"/></attribute></optional>
    <optional><attribute name="xml:lang"><data type="language"/></attribute></optional>
  </define>
</grammar>`;

const atom = RelaxNGValidator.fromDoc(XmlDocument.fromString(ATOM));
const json = new Ajv({ strict: false, validateFormats: false }).compile(
  createRequire(import.meta.url)("jsonfeed-schema/v1.1") as object,
);

/** @throws An error that names the rule which the document breaks. */
export function expectValidAtom(xml: string): void {
  const document = XmlDocument.fromString(xml);
  try {
    atom.validate(document);
  } finally {
    document.dispose();
  }
}

/** @throws An error that names the rule which the document breaks. */
export function expectValidJsonFeed(feed: unknown): void {
  if (!json(feed)) throw new Error(`not a JSON Feed: ${JSON.stringify(json.errors)}`);
}
