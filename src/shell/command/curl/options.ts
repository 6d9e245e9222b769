import { SysError } from "../../../base/errno.ts";
import { fromUtf8, utf8 } from "../../../base/text.ts";
import type { Process } from "../../../host/process.ts";

const HINT = "curl: try 'curl --help' or 'curl --manual' for more information\n";

/** Long name of each short option; `=` at the end: it takes an argument. */
const SHORT: Readonly<Record<string, string>> = {
  "0": "http1.0",
  "4": "ipv4",
  "6": "ipv6",
  A: "user-agent=",
  b: "cookie=",
  d: "data=",
  D: "dump-header=",
  e: "referer=",
  f: "fail",
  g: "globoff",
  G: "get",
  h: "help",
  H: "header=",
  i: "include",
  I: "head",
  k: "insecure",
  L: "location",
  m: "max-time=",
  N: "no-buffer",
  o: "output=",
  O: "remote-name",
  p: "proxytunnel",
  Q: "quote=",
  s: "silent",
  S: "show-error",
  T: "upload-file=",
  u: "user=",
  v: "verbose",
  V: "version",
  w: "write-out=",
  x: "proxy=",
  X: "request=",
};

const LONG = new Set([
  ...Object.values(SHORT),
  "connect-timeout=",
  "local-port=",
  "interface=",
  "resolve=",
  "connect-to=",
  "retry=",
  "retry-delay=",
  "retry-max-time=",
  "retry-connrefused",
  "retry-all-errors",
  "data-raw=",
  "data-ascii=",
  "data-binary=",
  "data-urlencode=",
  "json=",
  "http1.1",
  "http2",
  "no-progress-meter",
  "no-keepalive",
  "no-sessionid",
  "tcp-nodelay",
  "compressed",
  "max-redirs=",
  "noproxy=",
  "fail-with-body",
  "create-dirs",
  "url=",
  "stderr=",
  "cacert=",
  "cert=",
  "key=",
  "path-as-is",
  "http2-prior-knowledge",
]);

/** A command line that curl will not run: text for standard error, exit status. */
export class CurlUsage extends Error {
  status: number;
  constructor(text: string, status = 2) {
    super(text);
    this.status = status;
  }
}

/** Options by long name, in order (a repeated one keeps every value). */
export class CurlOptions {
  values = new Map<string, string[]>();
  urls: string[] = [];
  /** Files for the URLs, in order: -o NAME, or null for -O. */
  outputs: (string | null)[] = [];

  has(name: string): boolean {
    return this.values.has(name);
  }
  get(name: string): string | null {
    return this.values.get(name)?.at(-1) ?? null;
  }
  all(name: string): readonly string[] {
    return this.values.get(name) ?? [];
  }

  take(name: string, value: string): void {
    if (name === "output") this.outputs.push(value);
    else if (name === "remote-name") this.outputs.push(null);
    else if (name === "url") this.urls.push(value);
    const list = this.values.get(name);
    if (list) list.push(value);
    else this.values.set(name, [value]);
  }

  seconds(name: string): number | null {
    const text = this.get(name);
    if (text === null) return null;
    if (!/^\d+(\.\d*)?$/.test(text))
      throw new CurlUsage(`curl: option --${name}: expected a proper numerical parameter\n${HINT}`);
    return Number(text) * 1e9 || null;
  }
}

/** tool_getparam.c: letters may stand together, an argument may follow its letter at once. */
export function parseCurl(argv: readonly string[]): CurlOptions {
  const out = new CurlOptions();
  let plain = false;
  for (let i = 1; i < argv.length; i++) {
    const word = argv[i] as string;
    if (plain || word === "-" || !word.startsWith("-")) out.urls.push(word);
    else if (word === "--") plain = true;
    else if (word.startsWith("--")) {
      const name = word.slice(2);
      if (LONG.has(`${name}=`)) {
        if (i + 1 >= argv.length)
          throw new CurlUsage(`curl: option ${word}: requires parameter\n${HINT}`);
        out.take(name, argv[++i] as string);
      } else if (LONG.has(name)) out.take(name, "");
      else if (name.startsWith("no-") && LONG.has(name.slice(3))) out.values.delete(name.slice(3));
      else throw new CurlUsage(`curl: option ${word}: is unknown\n${HINT}`);
    } else
      for (let j = 1; j < word.length; j++) {
        const long = SHORT[word[j] as string];
        if (long === undefined) throw new CurlUsage(`curl: option ${word}: is unknown\n${HINT}`);
        if (!long.endsWith("=")) {
          out.take(long, "");
          continue;
        }
        const rest = word.slice(j + 1);
        if (rest === "" && i + 1 >= argv.length)
          throw new CurlUsage(`curl: option ${word}: requires parameter\n${HINT}`);
        out.take(long.slice(0, -1), rest === "" ? (argv[++i] as string) : rest);
        break;
      }
  }
  if (out.urls.length === 0 && !out.has("help") && !out.has("version"))
    throw new CurlUsage(argv.length === 1 ? HINT : `curl: no URL specified!\n${HINT}`);
  return out;
}

function fileOrThrow(p: Process, name: string): Uint8Array {
  try {
    return p.machine.fs.readFile(p.path(name), p);
  } catch (error) {
    if (!(error instanceof SysError)) throw error;
    throw new CurlUsage(
      `Warning: Couldn't read data from file "${name}", this makes an empty POST.\n`,
      26,
    );
  }
}

function urlencode(text: string): string {
  return encodeURIComponent(text)
    .replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%20/g, "+");
}

/** What -d and its kind make together; null: there was none. */
export function requestData(
  p: Process,
  options: CurlOptions,
  stdin: () => Uint8Array,
): Uint8Array | null {
  const parts: Uint8Array[] = [];
  const contents = (value: string): Uint8Array =>
    value === "@-" ? stdin() : fileOrThrow(p, value.slice(1));
  for (const [name, values] of options.values)
    for (const value of values) {
      if (name === "data" || name === "data-ascii") {
        const text = value.startsWith("@")
          ? fromUtf8(contents(value)).replace(/[\r\n]/g, "")
          : value;
        parts.push(utf8(text));
      } else if (name === "data-binary" || name === "json")
        parts.push(value.startsWith("@") ? contents(value) : utf8(value));
      else if (name === "data-raw") parts.push(utf8(value));
      else if (name === "data-urlencode") {
        const at = value.indexOf("=");
        const key = at < 0 ? "" : value.slice(0, at);
        parts.push(
          utf8(`${key === "" ? "" : `${key}=`}${urlencode(at < 0 ? value : value.slice(at + 1))}`),
        );
      }
    }
  if (parts.length === 0) return null;
  const text: number[] = [];
  const glue = options.has("json") ? [] : [0x26];
  parts.forEach((part, i) => {
    if (i) text.push(...glue);
    for (const byte of part) text.push(byte);
  });
  return Uint8Array.from(text);
}
