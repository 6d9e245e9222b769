/* The built page on a free port, for scripts that look at it. */
import { existsSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import { extname, join } from "node:path";
import { root } from "./install.mjs";

const TYPES = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
};
export const site = join(root, "dist/site");

/** An HTTP server on loopback; `/blank` is an empty page. */
export function serve() {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://localhost");
    const file = join(site, pathname === "/" ? "index.html" : pathname);
    if (pathname === "/blank") response.writeHead(200, { "content-type": "text/html" }).end("<p>");
    else if (!existsSync(file)) response.writeHead(404).end();
    else {
      const type = TYPES[extname(file)] ?? "application/octet-stream";
      // Pages on other origins load the element.
      const headers = { "content-type": type, "access-control-allow-origin": "*" };
      response.writeHead(200, headers).end(readFileSync(file));
    }
  });
  return new Promise((done) => server.listen(0, "127.0.0.1", () => done(server)));
}
