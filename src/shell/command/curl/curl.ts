import { SysError } from "../../../base/errno.ts";
import { concatBytes, fromUtf8, utf8 } from "../../../base/text.ts";
import type { OpenFile } from "../../../host/file.ts";
import type { Process, Run } from "../../../host/process.ts";
import { fieldValue } from "../../../http1/message.ts";
import { writeRequestHead } from "../../../http1/write.ts";
import { MSEC, SEC } from "../../../sim/sim.ts";
import { formatIpv4 } from "../../../wire/address.ts";
import type { Command } from "../../command.ts";
import { type Connection, Connector } from "./connection.ts";
import { CurlError } from "./error.ts";
import { Meter } from "./meter.ts";
import { type CurlOptions, CurlUsage, parseCurl, requestData } from "./options.ts";
import { Exchange, methodOf, type Result, requestFields, type Sink } from "./transfer.ts";
import { authority, type CurlUrl, parseUrl, remoteName, resolveUrl, urlText } from "./url.ts";
import { writeOut } from "./write-out.ts";

const VERSION = `curl 7.88.1 (x86_64-pc-linux-gnu) libcurl/7.88.1
Release-Date: 2023-02-20, security patched: 7.88.1-10+deb12u14
Protocols: http
`;
const MAX_REDIRECTS = 50;

function newResult(): Result {
  return {
    response: null,
    connection: null,
    reused: false,
    connectAt: 0,
    firstByteAt: 0,
    headSize: 0,
    requestSize: 0,
    bodySize: 0,
    uploadSize: 0,
  };
}

/** stdio's buffer: to a terminal at once, elsewhere in blocks and at the end. */
class Stdout {
  p: Process;
  tty: boolean;
  held: Uint8Array[] = [];
  size = 0;

  constructor(p: Process, options: CurlOptions) {
    this.p = p;
    this.tty = p.isTty(1) || options.has("no-buffer");
  }

  *write(data: Uint8Array): Run<void> {
    this.held.push(data);
    this.size += data.length;
    if (this.tty || this.size >= 4096) yield* this.flush();
  }

  *flush(): Run<void> {
    const all = concatBytes(this.held);
    this.held = [];
    this.size = 0;
    if (all.length) yield* this.p.write(1, all);
  }
}

/** The file or standard output that a URL's body goes to; the file is made with the first byte. */
class FileSink implements Sink {
  p: Process;
  stdout: Stdout;
  path: string | null;
  tty: boolean;
  file: OpenFile | null = null;

  constructor(p: Process, stdout: Stdout, path: string | null) {
    this.p = p;
    this.stdout = stdout;
    this.path = path;
    this.tty = path === null && p.isTty(1);
  }

  *write(data: Uint8Array): Run<void> {
    if (this.path === null) return yield* this.stdout.write(data);
    this.touch();
    let rest = data;
    while (rest.length && this.file) {
      const wrote = this.file.write(rest);
      if (wrote === "EPIPE") throw new CurlError(23, "Failure writing output to destination");
      rest = rest.subarray(wrote);
      if (rest.length) yield* this.p.wait([this.file.writable]);
    }
  }

  /** Also an empty body makes the file. */
  touch(): void {
    if (this.path === null || this.file) return;
    try {
      const flags = { write: true, create: true, truncate: true };
      this.file = this.p.machine.fs.open(this.p.path(this.path), flags, 0o644, this.p);
    } catch (error) {
      if (!(error instanceof SysError)) throw error;
      throw new CurlError(23, "Failure writing output to destination");
    }
  }

  close(): void {
    this.file?.release();
    this.file = null;
  }
}

/** One run of curl. */
class CurlRun {
  p: Process;
  options: CurlOptions;
  connector: Connector;
  meter: Meter;
  data: Uint8Array | null;
  proxy: CurlUrl | null;
  stdout: Stdout;

  constructor(p: Process, options: CurlOptions, data: Uint8Array | null) {
    this.p = p;
    this.options = options;
    const verbose = options.has("verbose");
    this.connector = new Connector(p, options, function* (text: string): Run<void> {
      if (verbose) yield* p.err(text);
    });
    this.meter = new Meter(p, false);
    this.stdout = new Stdout(p, options);
    this.data = data;
    const given = options.get("proxy") ?? p.env.get("http_proxy") ?? "";
    this.proxy = given === "" ? null : parseUrl(given);
    if (this.proxy && !/:\d+\/?$/.test(given)) this.proxy.port = 1080;
  }

  /** One URL with its redirects; the exit code. */
  *fetch(text: string, output: string | null | undefined): Run {
    const { p, options } = this;
    const began = p.sim.now;
    const most = options.seconds("max-time");
    const limit = most === null ? Number.POSITIVE_INFINITY : began + most + MSEC;
    const result = newResult();
    let url: CurlUrl | null = null;
    let redirects = 0;
    let failure: CurlError | null = null;
    const sink = new FileSink(p, this.stdout, null);
    const quiet = options.has("silent") || options.has("no-progress-meter");
    try {
      url = parseUrl(text);
      if (options.has("get") && this.data)
        url.target += `${url.target.includes("?") ? "&" : "?"}${fromUtf8(this.data)}`;
      if (output === null && remoteName(url) === "")
        throw new CurlError(23, "Remote file name has no length!");
      sink.path = output === null ? remoteName(url) : output === "-" ? null : (output ?? null);
      sink.tty = sink.path === null && p.isTty(1);
      this.meter.on = !quiet && !sink.tty;
      yield* this.meter.begin();
      let method = methodOf(options, options.has("get") ? null : this.data);
      let data = options.has("get") ? null : this.data;
      for (;;) {
        const next: CurlUrl | null = yield* this.once(
          url,
          method,
          data,
          sink,
          result,
          began,
          limit,
        );
        if (next === null) break;
        const cap = Number(options.get("max-redirs") ?? MAX_REDIRECTS);
        if (redirects++ >= cap) throw new CurlError(47, `Maximum (${cap}) redirects followed`);
        if (next.port !== url.port)
          yield* this.connector.say(
            `* Clear auth, redirects to port from ${url.port} to ${next.port}\n`,
          );
        yield* this.connector.say(`* Issue another request to this URL: '${urlText(next)}'\n`);
        const status = result.response?.status ?? 0;
        if (status === 303 || ((status === 301 || status === 302) && method === "POST")) {
          if (method !== "GET" && method !== "HEAD")
            yield* this.connector.say(`* Switch from ${method} to GET\n`);
          if (method !== "HEAD") method = "GET";
          data = null;
        }
        url = next;
      }
      sink.touch();
    } catch (error) {
      if (!(error instanceof CurlError)) throw error;
      failure = error;
    } finally {
      sink.close();
    }
    // A name that nobody knows ends it before there is anything to measure.
    if (failure?.code !== 6) yield* this.meter.end();
    if (failure && (!options.has("silent") || options.has("show-error")))
      yield* p.err(`curl: (${failure.code}) ${failure.message}\n`);
    const format = options.get("write-out");
    if (format !== null)
      yield* this.tell(format, result, url, text, began, redirects, failure, output ?? null);
    this.lastStatus = result.response?.status ?? 0;
    return failure?.code ?? 0;
  }

  lastStatus = 0;

  /** One request; where it is redirected to, if that is to be followed. */
  *once(
    url: CurlUrl,
    method: string,
    data: Uint8Array | null,
    sink: Sink,
    result: Result,
    began: number,
    limit: number,
  ): Run<CurlUrl | null> {
    const { p, options, connector } = this;
    const proxy = this.proxy && !this.bypassed(url) ? this.proxy : null;
    const tunnel = proxy !== null && options.has("proxytunnel");
    const peer = proxy ?? url;
    const key = `${tunnel ? `${authority(url)} by ` : ""}${peer.host}:${peer.port}`.toLowerCase();
    const connection = yield* connector.connect(
      peer.host,
      peer.port,
      proxy !== null,
      key,
      began,
      limit,
    );
    result.reused = result.connection === connection;
    result.connection = connection;
    result.connectAt ||= p.sim.now;
    const exchange = new Exchange(p, options, connector, this.meter, result, began, limit);
    try {
      if (tunnel) yield* this.openTunnel(exchange, connection, url, sink);
      const user = options.get("user") ?? url.user;
      if (user !== null)
        yield* exchange.say(`* Server auth using Basic with user '${user.replace(/:.*$/, "")}'\n`);
      const fields = requestFields(options, url, data, proxy !== null && !tunnel);
      const target = proxy && !tunnel ? urlText(url) : url.target;
      const version = options.has("http1.0") ? "1.0" : "1.1";
      const head = writeRequestHead({ method, target, version, fields });
      yield* exchange.sendRequest(connection, head, data, sink);
      const follow = options.has("location");
      const reuse = yield* exchange.response(connection, method, sink, false);
      if (reuse) {
        yield* exchange.say(
          `* Connection #${connection.number} to host ${connection.host} left intact\n`,
        );
        connector.idle = connection;
      } else {
        yield* exchange.say(`* Closing connection ${connection.number}\n`);
        connection.sock.close();
      }
      const { response } = result;
      const location = response ? fieldValue(response.fields, "location") : null;
      const redirected = response !== null && [301, 302, 303, 307, 308].includes(response.status);
      return follow && redirected && location !== null ? resolveUrl(url, location) : null;
    } catch (error) {
      if (error instanceof CurlError && error.code !== 22)
        yield* exchange.say(`* ${error.message}\n* Closing connection ${connection.number}\n`);
      connection.sock.close();
      throw error;
    }
  }

  /** CONNECT (RFC 9110 §9.3.6). */
  *openTunnel(exchange: Exchange, connection: Connection, url: CurlUrl, sink: Sink): Run<void> {
    const target = `${url.host}:${url.port}`;
    yield* exchange.say(`* allocate connect buffer\n* Establish HTTP proxy tunnel to ${target}\n`);
    const head = writeRequestHead({
      method: "CONNECT",
      target,
      version: "1.1",
      fields: [
        ["Host", target],
        ["User-Agent", this.options.get("user-agent") ?? "curl/7.88.1"],
        ["Proxy-Connection", "Keep-Alive"],
      ],
    });
    yield* exchange.sendRequest(connection, head, null, sink);
    const quiet: Sink = { tty: true, *write(): Run<void> {} };
    yield* exchange.response(connection, "CONNECT", quiet, true);
    const status = exchange.result.response?.status ?? 0;
    if (status < 200 || status > 299)
      throw new CurlError(56, `CONNECT tunnel failed, response ${status}`);
    yield* exchange.say(
      `* CONNECT phase completed\n* CONNECT tunnel established, response ${status}\n`,
    );
    exchange.result.response = null;
  }

  bypassed(url: CurlUrl): boolean {
    const list = this.options.get("noproxy") ?? this.p.env.get("no_proxy") ?? "";
    return list.split(",").some((name) => {
      const bare = name.trim().replace(/^\./, "");
      return bare === "*" || (bare !== "" && (url.host === bare || url.host.endsWith(`.${bare}`)));
    });
  }

  *tell(
    format: string,
    result: Result,
    url: CurlUrl | null,
    text: string,
    began: number,
    redirects: number,
    failure: CurlError | null,
    output: string | null,
  ): Run<void> {
    const { p } = this;
    const { response, connection } = result;
    const since = (at: number): string => (at ? (at - began) / SEC : 0).toFixed(6);
    const total = (p.sim.now - began) / SEC;
    const code = String(response?.status ?? 0).padStart(3, "0");
    const location = response ? fieldValue(response.fields, "location") : null;
    const { out, err } = writeOut(format, {
      http_code: code,
      response_code: code,
      http_connect: "000",
      time_total: total.toFixed(6),
      time_namelookup: since(result.connectAt && began + 20_000),
      time_connect: since(result.connectAt),
      time_appconnect: "0.000000",
      time_pretransfer: since(result.connectAt),
      time_starttransfer: since(result.firstByteAt),
      time_redirect: "0.000000",
      remote_ip: connection ? formatIpv4(connection.address) : "",
      remote_port: String(connection?.sock.dstPort ?? 0),
      local_ip: connection ? formatIpv4(connection.sock.src) : "",
      local_port: String(connection?.sock.srcPort ?? 0),
      size_download: String(result.bodySize),
      size_upload: String(result.uploadSize),
      size_header: String(result.headSize),
      size_request: String(result.requestSize),
      speed_download: String(Math.floor(result.bodySize / Math.max(total, 1e-6))),
      speed_upload: String(Math.floor(result.uploadSize / Math.max(total, 1e-6))),
      url: text,
      url_effective: url ? urlText(url) : text,
      redirect_url:
        url && location !== null && !this.options.has("location")
          ? urlText(resolveUrl(url, location))
          : "",
      method: methodOf(this.options, this.options.has("get") ? null : this.data),
      content_type: (response && fieldValue(response.fields, "content-type")) ?? "",
      num_connects: connection && !result.reused ? "1" : "0",
      num_redirects: String(redirects),
      num_headers: String(response?.fields.length ?? 0),
      exitcode: String(failure?.code ?? 0),
      errormsg: failure?.message ?? "",
      scheme: "HTTP",
      http_version: response?.version ?? "0",
      ssl_verify_result: "0",
      filename_effective: output ?? "",
      urlnum: "0",
    });
    yield* this.stdout.write(utf8(out));
    if (err) yield* p.err(err);
  }
}

/** Is it worth trying again, and what is that called? (tool_operate.c) */
function transient(options: CurlOptions, code: number, status: number): string | null {
  if (options.has("retry-all-errors") && code) return "(retrying all errors)";
  if (code === 28 || code === 6 || code === 5) return ": timeout";
  if (code === 7 && options.has("retry-connrefused")) return ": connection refused";
  if ([408, 429, 500, 502, 503, 504].includes(status) && (code === 0 || code === 22))
    return ": HTTP error";
  return null;
}

/** A warning, broken into lines of 79 columns (tool_msgs.c). */
function warning(text: string): string {
  const lines: string[] = [];
  let rest = text;
  while (rest.length > 69) {
    let cut = rest.lastIndexOf(" ", 69);
    if (cut <= 0) cut = 69;
    lines.push(rest.slice(0, cut + 1));
    rest = rest.slice(cut + 1);
  }
  return [...lines, rest].map((line) => `Warning: ${line}\n`).join("");
}

export const curl: Command = {
  name: "curl",
  summary: "transfer a URL",
  group: "network",
  man: `curl [OPTIONS] URL...

Ask for a URL by HTTP and write what comes to standard output.

  -v  say what is sent and received      -i  show the head of the response     -I  ask for the head only
  -s  no progress, no errors             -S  errors all the same               -f  fail on 4xx and 5xx
  -o FILE, -O  write to a file           -w FORMAT  print %{http_code}, %{time_total}, %{remote_ip} ... at the end
  -H 'NAME: VALUE'  a field              -X METHOD  -d DATA  send a form        -L  follow redirects
  -m SECONDS  time for all of it         --connect-timeout SECONDS             --retry N
  -x HOST:PORT  by a proxy (-p: CONNECT) --resolve HOST:PORT:ADDRESS           --interface DEV|ADDRESS

Example: curl -s -o /dev/null -w '%{http_code}\\n' http://10.0.0.2:8080/`,
  *run(p, argv) {
    let run: CurlRun | null = null;
    try {
      const options = parseCurl(argv);
      if (options.has("version") || options.has("help")) {
        yield* p.out(options.has("version") ? VERSION : "Usage: curl [options...] <url>\n");
        return 0;
      }
      let input: Uint8Array = new Uint8Array(0);
      if ([...options.values.values()].some((values) => values.includes("@-")))
        input = yield* p.readAll(0);
      run = new CurlRun(
        p,
        options,
        requestData(p, options, () => input),
      );
      yield* run.connector.addResolves();
      let status = 0;
      for (const [i, url] of options.urls.entries()) {
        const output = i < options.outputs.length ? options.outputs[i] : undefined;
        let left = Number(options.get("retry") ?? 0);
        let pause = Number(options.get("retry-delay") ?? 0) || 1;
        for (;;) {
          status = yield* run.fetch(url, output);
          const why: string | null = transient(options, status, run.lastStatus);
          if (left <= 0 || why === null) break;
          if (!options.has("silent"))
            yield* p.err(
              warning(`Problem ${why}. Will retry in ${pause} seconds. ${left} retries left.`),
            );
          left--;
          yield* p.sleep(pause * SEC);
          if (!options.has("retry-delay")) pause = Math.min(pause * 2, 600);
        }
      }
      yield* run.stdout.flush();
      return status;
    } catch (error) {
      if (error instanceof CurlUsage) {
        yield* p.err(error.message);
        return error.status;
      }
      if (error instanceof CurlError) {
        yield* p.err(`curl: (${error.code}) ${error.message}\n`);
        return error.code;
      }
      throw error;
    } finally {
      run?.connector.close();
    }
  },
};
