/** From the second visit on the page works without a network, where the browser allows it. */
export function keep(): void {
  try {
    // In a frame without an origin of its own the mere question throws.
    void navigator.serviceWorker?.register(new URL("sw.js", document.baseURI)).catch(() => {});
  } catch {
    // Then it needs the network each time.
  }
}
