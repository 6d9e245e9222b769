import { describe, expect, it } from "vitest";
import { fromUtf8, utf8 } from "../base/text.ts";
import { keepsAlive } from "./message.ts";
import { type HttpEvent, HttpParser } from "./parse.ts";
import { writeChunk, writeLastChunk, writeRequestHead, writeResponse } from "./write.ts";

/** Events as lines, data of one message joined. */
function story(events: HttpEvent[]): string[] {
  return events.map((event) => {
    if (event.kind === "request") return `${event.request.method} ${event.request.target}`;
    if (event.kind === "response") return `${event.response.status} ${event.length}`;
    if (event.kind === "data") return `data ${fromUtf8(event.data)}`;
    return event.kind === "error" ? event.reason : "end";
  });
}

function parse(role: "request" | "response", text: string, method?: string): string[] {
  const parser = new HttpParser(role);
  if (method) parser.expect(method);
  return story([...parser.push(utf8(text)), ...parser.end()]);
}

describe("http1", () => {
  it("reads requests that follow each other", () => {
    const two = "GET /a HTTP/1.1\r\nHost: x\r\n\r\nPOST /b HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi";
    expect(parse("request", two)).toEqual(["GET /a", "end", "POST /b", "data hi", "end"]);
  });

  it("says the same however the bytes are cut", () => {
    const text =
      "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nT: 1\r\n\r\n";
    const parser = new HttpParser("response");
    const events = [...utf8(text)].flatMap((byte) => parser.push(Uint8Array.of(byte)));
    expect(story(events)).toEqual([
      "200 chunked",
      "data a",
      "data b",
      "data c",
      "data d",
      "data e",
      "end",
    ]);
    const last = events.at(-1);
    expect(last?.kind === "end" && last.trailers).toEqual([["T", "1"]]);
  });

  it("knows where a body ends", () => {
    expect(parse("response", "HTTP/1.0 200 OK\r\n\r\nrest")).toEqual([
      "200 until-close",
      "data rest",
      "end",
    ]);
    expect(parse("response", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", "HEAD")).toEqual([
      "200 0",
      "end",
    ]);
    expect(parse("response", "HTTP/1.1 204 No Content\r\n\r\n")).toEqual(["204 0", "end"]);
    expect(parse("response", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab")).toEqual([
      "200 9",
      "data ab",
      "truncated",
    ]);
  });

  it("leaves what follows a CONNECT to the tunnel", () => {
    const parser = new HttpParser("request");
    expect(story(parser.push(utf8("CONNECT a:1 HTTP/1.1\r\n\r\n\x16\x03")))).toEqual([
      "CONNECT a:1",
    ]);
    expect([...parser.takeRest()]).toEqual([0x16, 3]);
  });

  it("refuses what is no HTTP", () => {
    expect(parse("response", "garbage\n")).toEqual(["bad-start-line"]);
    expect(parse("request", "GET / HTTP/1.1\r\nno colon\r\n\r\n")).toEqual(["bad-field"]);
    expect(
      parse("response", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
    ).toEqual(["200 chunked", "bad-chunk"]);
  });

  it("reads what it writes", () => {
    const head = writeRequestHead({
      method: "PUT",
      target: "/x",
      version: "1.1",
      fields: [["Transfer-Encoding", "chunked"]],
    });
    const parser = new HttpParser("request");
    const events = [head, writeChunk(utf8("one")), writeLastChunk()].flatMap((part) =>
      parser.push(part),
    );
    expect(story(events)).toEqual(["PUT /x", "data one", "end"]);
    expect(parse("response", fromUtf8(writeResponse(404, [], "no")))).toEqual([
      "404 2",
      "data no",
      "end",
    ]);
  });

  it("keeps connections by version and field", () => {
    expect(keepsAlive({ version: "1.1", fields: [] })).toBe(true);
    expect(keepsAlive({ version: "1.0", fields: [] })).toBe(false);
    expect(keepsAlive({ version: "1.1", fields: [["Connection", "Close"]] })).toBe(false);
  });
});
