/*
 * What a frame says when its own parts cannot be loaded. A classic script: it comes where modules do not,
 * into a sandbox without an origin from a server that lets nobody else read.
 */
(() => {
  const sandboxed =
    "Hopscope cannot start: this frame's sandbox has no allow-same-origin, and the server that Hopscope comes from does not send Access-Control-Allow-Origin: *. Either mends it.";
  const missing = "Hopscope cannot start: a part of it could not be loaded. Is the site complete?";
  let told = false;

  function say() {
    if (told) return;
    told = true;
    const message = self.origin === "null" ? sandboxed : missing;
    const words = document.createElement("p");
    words.id = "trouble";
    words.setAttribute("role", "alert");
    words.textContent = message;
    document.getElementById("app")?.replaceChildren(words);
    const host = new URLSearchParams(location.search).get("host");
    if (parent === self || !host) return;
    // Nobody else is there to speak to the host page.
    addEventListener("message", ({ source, origin, data, ports }) => {
      if (source === parent && origin === host && data?.type === "hopscope:init")
        ports[0]?.postMessage({ type: "error", message });
    });
    parent.postMessage({ type: "hopscope:hello", v: 1 }, host === "null" ? "*" : host);
  }

  function failed({ target }) {
    if (!/^(SCRIPT|LINK)$/.test(target?.tagName ?? "") || target.rel === "icon") return;
    if (document.readyState === "loading") addEventListener("DOMContentLoaded", say);
    else say();
  }
  addEventListener("error", failed, true);
})();
