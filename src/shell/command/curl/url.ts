import { CurlError } from "./error.ts";

export interface CurlUrl {
  scheme: string;
  user: string | null;
  host: string;
  port: number;
  /** Given in the URL, so that it is part of the Host field. */
  portGiven: boolean;
  /** Path and query. */
  target: string;
}

/** RFC 3986 as curl reads it (lib/urlapi.c): the scheme may be missing. */
export function parseUrl(text: string): CurlUrl {
  const found =
    /^(?:([a-z][a-z0-9+.-]*):\/\/)?(?:([^/?#@]*)@)?(\[[^\]]*\]|[^/?#:]*)(?::([^/?#]*))?([/?][^#]*)?(#.*)?$/i.exec(
      text,
    );
  if (!found) throw new CurlError(3, "URL using bad/illegal format or missing URL");
  const scheme = (found[1] ?? "http").toLowerCase();
  if (scheme !== "http")
    throw new CurlError(1, `Protocol "${scheme}" not supported or disabled in libcurl`);
  const host = found[3] ?? "";
  const port = found[4] ?? "";
  if (host === "") throw new CurlError(3, "URL using bad/illegal format or missing URL");
  if (!/^\d*$/.test(port) || Number(port) > 65535 || /\s/.test(host))
    throw new CurlError(3, "URL using bad/illegal format or missing URL");
  let target = found[5] ?? "/";
  if (target.startsWith("?")) target = `/${target}`;
  return {
    scheme,
    user: found[2] ?? null,
    host,
    port: port === "" ? 80 : Number(port),
    portGiven: port !== "" && port !== "80",
    target,
  };
}

export function urlText(url: CurlUrl): string {
  return `${url.scheme}://${authority(url)}${url.target}`;
}

/** Host and, unless it is the usual one, port. */
export function authority(url: CurlUrl): string {
  return url.portGiven ? `${url.host}:${url.port}` : url.host;
}

/** Where a Location leads from `base` (RFC 3986 §5). */
export function resolveUrl(base: CurlUrl, location: string): CurlUrl {
  if (/^[a-z][a-z0-9+.-]*:\/\//i.test(location)) return parseUrl(location);
  if (location.startsWith("//")) return parseUrl(`${base.scheme}:${location}`);
  const query = base.target.indexOf("?");
  const path = query < 0 ? base.target : base.target.slice(0, query);
  let target = location;
  if (location.startsWith("?")) target = path + location;
  else if (!location.startsWith("/")) target = path.slice(0, path.lastIndexOf("/") + 1) + location;
  return { ...base, target: target.replace(/#.*$/, "") };
}

/** The file that -O writes; empty: the URL names none. */
export function remoteName(url: CurlUrl): string {
  const path = url.target.replace(/[?#].*$/, "");
  return path.slice(path.lastIndexOf("/") + 1);
}
