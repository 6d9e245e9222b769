/** "docker.io/library/nginx:latest": an image's full name. */
export function fullName(image: string): string {
  const [, path = image, tag = ""] = /^(.*?)((?::[^:/@]+)?(?:@.+)?)$/.exec(image) ?? [];
  const [first = "", ...rest] = path.split("/");
  const host = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const name = host ? path : `docker.io/${rest.length ? path : `library/${path}`}`;
  return name + (tag || ":latest");
}
