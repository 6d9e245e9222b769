import { type Errno, SysError, strerror } from "../../base/errno.ts";
import { concatBytes, fromUtf8 } from "../../base/text.ts";
import type { Process, Run } from "../../host/process.ts";
import { HttpParser } from "../../http1/parse.ts";
import { writeRequestHead } from "../../http1/write.ts";
import type { NetNs } from "../../net/netns.ts";
import { TcpSock } from "../../net/tcp/sock.ts";
import { connectTcp, sendAll } from "./socket.ts";

const LOOPBACK = 0x7f000001;

/** One exchange with a server on the loopback of a namespace; in words why there was none. */
export function* httpGet(
  p: Process,
  ns: NetNs,
  port: number,
  path: string,
  method = "GET",
): Run<{ status: number; body: string } | string> {
  const sock = new TcpSock(ns);
  try {
    const error = yield* connectTcp(p, sock, LOOPBACK, port);
    if (error) return strerror(error as Errno).toLowerCase();
    const request = {
      method,
      target: path,
      version: "1.1",
      fields: [
        ["Host", `localhost:${port}`],
        ["Connection", "close"],
        ["Content-Length", "0"],
      ] as [string, string][],
    };
    yield* sendAll(p, sock, writeRequestHead(request));
    const parser = new HttpParser("response");
    parser.expect(method);
    const body: Uint8Array[] = [];
    let status = 0;
    for (;;) {
      const data = sock.recv(65536);
      if (data === "EAGAIN") {
        yield* p.wait([sock.readable]);
        continue;
      }
      const events = data === "EOF" ? parser.end() : parser.push(data);
      for (const event of events) {
        if (event.kind === "response") status = event.response.status;
        else if (event.kind === "data") body.push(event.data);
        else if (event.kind === "error") return "malformed HTTP response";
        else if (event.kind === "end") return { status, body: fromUtf8(concatBytes(body)) };
      }
      if (data === "EOF") return "unexpected EOF";
    }
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    return error.message.toLowerCase();
  } finally {
    sock.close();
  }
}
